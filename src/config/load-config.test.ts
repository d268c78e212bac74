import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { ConfigError, loadConfig } from './load-config.ts';

const interfaces = {
  lo: [{ address: '127.0.0.1', family: 'IPv4' as const, internal: true }],
  eth0: [
    { address: 'fe80::1', family: 'IPv6' as const, internal: false },
    { address: '10.1.2.3', family: 'IPv4' as const, internal: false },
  ],
};
const machine = { interfaces, cores: 4 };

function problemsOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment, machine);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  assert.fail('was accepted');
}

test("Google's credentials are a path, and its endpoint an address without one", () => {
  const named = loadConfig({ CARILLON_GOOGLE_CREDENTIALS: 'google.json' }, machine);
  assert.deepEqual(named.googleSpeech, {
    credentialsFile: resolve('google.json'),
    endpoint: 'https://texttospeech.googleapis.com',
  });
  for (const CARILLON_GOOGLE_ENDPOINT of [
    'texttospeech.googleapis.com',
    'https://example.com/v1',
    'ftp://example.com',
  ]) {
    assert.match(problemsOf({ CARILLON_GOOGLE_ENDPOINT }), /CARILLON_GOOGLE_ENDPOINT/);
  }
});

test('without settings there are defaults for all', () => {
  const { recordings, ...config } = loadConfig({ PATH: '/bin', CARILLON_HTTP_PORT: '' }, machine);
  assert.equal(recordings.s3, null);
  assert.deepEqual(
    { ...config, dataDir: config.dataDir.replace(process.cwd(), '.') },
    {
      databaseUrl: null,
      dataDir: './data',
      httpHost: '0.0.0.0',
      httpPort: 8080,
      trustedProxies: [],
      adminToken: null,
      sipHosts: ['10.1.2.3'],
      sipPort: 5060,
      sipPublicHosts: [],
      sipTls: null,
      dnsServers: null,
      rtpHosts: ['10.1.2.3'],
      rtpPublicHosts: [],
      rtpPorts: { first: 20000, last: 29999 },
      mediaThreads: 3,
      publicUrl: null,
      googleSpeech: null,
      retention: { recordDays: 62, taskDays: 366 },
      reports: { networks: [], minuteMs: 60_000 },
      drainS: 60,
      logLevel: 'info',
      recallMinuteMs: 60000,
    },
  );
});

test('on a machine without a network the loopback address is used', () => {
  assert.deepEqual(loadConfig({}, { interfaces: { lo: interfaces.lo }, cores: 1 }).sipHosts, ['127.0.0.1']);
  assert.equal(loadConfig({}, { interfaces: {}, cores: 1 }).mediaThreads, 1);
  assert.equal(loadConfig({}, { interfaces: {}, cores: 32 }).mediaThreads, 5);
});

test('settings are read as what they are', () => {
  const config = loadConfig(
    {
      DATABASE_URL: 'postgresql://u:p@db/x',
      CARILLON_HTTP_PORT: ' 81 ',
      CARILLON_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
      CARILLON_SIP_HOST: '192.0.2.1',
      CARILLON_DNS_SERVERS: '192.0.2.53, [2001:db8::53]:5353',
      CARILLON_REPORT_NETWORKS: '127.0.0.1, fd00::/8',
      CARILLON_RTP_PORTS: '30000-30099',
      CARILLON_MEDIA_THREADS: '2',
      CARILLON_LOG_LEVEL: 'debug',
      CARILLON_TEST_DATABASE_URL: 'ignored',
    },
    machine,
  );
  assert.equal(config.databaseUrl, 'postgresql://u:p@db/x');
  assert.equal(config.httpPort, 81);
  assert.deepEqual(config.trustedProxies, ['127.0.0.1', '10.0.0.0/8']);
  assert.deepEqual(config.reports, { networks: ['127.0.0.1', 'fd00::/8'], minuteMs: 60_000 });
  assert.deepEqual(config.dnsServers, [
    { address: '192.0.2.53', port: 53 },
    { address: '2001:db8::53', port: 5353 },
  ]);
  assert.deepEqual(config.rtpHosts, ['192.0.2.1']);
  assert.deepEqual(config.rtpPorts, { first: 30000, last: 30099 });
  assert.equal(config.mediaThreads, 2);
  assert.equal(config.logLevel, 'debug');
});

test('one address of each family, public ones, and TLS', () => {
  const config = loadConfig(
    {
      CARILLON_SIP_HOST: '10.0.0.1, 2001:db8::1',
      CARILLON_SIP_PUBLIC_HOST: '198.51.100.7',
      CARILLON_RTP_PUBLIC_HOST: '198.51.100.8',
      CARILLON_SIP_TLS_CERT: '/etc/carillon/cert.pem',
      CARILLON_SIP_TLS_KEY: 'key.pem',
    },
    machine,
  );
  assert.deepEqual(config.sipHosts, ['10.0.0.1', '2001:db8::1']);
  assert.deepEqual(config.sipPublicHosts, ['198.51.100.7']);
  assert.deepEqual([config.rtpHosts, config.rtpPublicHosts], [['10.0.0.1', '2001:db8::1'], ['198.51.100.8']]);
  const keyFile = `${process.cwd()}/key.pem`;
  assert.deepEqual(config.sipTls, { port: 5061, certificateFile: '/etc/carillon/cert.pem', keyFile });
});

test('audio is at addresses of its own, or at those for SIP', () => {
  assert.deepEqual(loadConfig({ CARILLON_SIP_HOST: '2001:db8::1' }, machine).rtpHosts, ['2001:db8::1']);
  const { rtpHosts } = loadConfig({ CARILLON_RTP_HOST: '2001:db8::2,10.0.0.2' }, machine);
  assert.deepEqual(rtpHosts, ['2001:db8::2', '10.0.0.2']);
});

test('TLS cannot have the port that TCP has', () => {
  const tls = { CARILLON_SIP_TLS_CERT: 'c', CARILLON_SIP_TLS_KEY: 'k', CARILLON_SIP_TLS_PORT: '5060' };
  assert.match(problemsOf(tls), /CARILLON_SIP_TLS_PORT is CARILLON_SIP_PORT 5060, which TCP has/);
});

test('a misspelt setting is refused and the right one named', () => {
  assert.match(
    problemsOf({ CARILLON_SIPHOST: '10.0.0.1' }),
    /CARILLON_SIPHOST is not a setting: did you mean CARILLON_SIP_HOST\?/,
  );
  assert.match(problemsOf({ CARILLON_COLOUR: 'red' }), /CARILLON_COLOUR is not a setting: unset it\./);
});

const refused: [name: string, value: string, message: RegExp][] = [
  ['CARILLON_HTTP_PORT', 'http', /CARILLON_HTTP_PORT is "http": it must be a whole number from 0 to 65535/],
  ['CARILLON_HTTP_PORT', '70000', /from 0 to 65535/],
  ['CARILLON_HTTP_PORT', '80.5', /from 0 to 65535/],
  ['CARILLON_TRUSTED_PROXIES', 'proxy.example.com', /separated by commas/],
  ['CARILLON_LOG_LEVEL', 'loud', /one of trace, debug, info, warn, error, fatal, silent/],
  ['CARILLON_SIP_HOST', '0.0.0.0', /an IPv4 address of this machine/],
  ['CARILLON_SIP_HOST', '::', /an IPv4 address of this machine/],
  ['CARILLON_SIP_HOST', '10.0.0.1, 10.0.0.2', /an IPv6 address of it, or both/],
  ['CARILLON_SIP_HOST', '10.0.0.1,abc::def::1', /an IPv6 address of it, or both/],
  ['CARILLON_SIP_PUBLIC_HOST', '2001:db8::1', /each of a family that `CARILLON_SIP_HOST` has/],
  ['CARILLON_SIP_PUBLIC_HOST', 'sip.example.com', /an IPv4 address, an IPv6 address, or both/],
  ['CARILLON_SIP_TLS_CERT', 'cert.pem', /CARILLON_SIP_TLS_KEY is not: set the file/],
  ['CARILLON_SIP_TLS_KEY', 'key.pem', /CARILLON_SIP_TLS_CERT is not: set the file/],
  ['CARILLON_SIP_TLS_PORT', '70000', /from 0 to 65535/],
  ['CARILLON_RTP_PUBLIC_HOST', '1.2.3.400', /an IPv4 address/],
  ['CARILLON_SIP_HOST', 'sip.example.com', /an IPv4 address of this machine/],
  ['CARILLON_DNS_SERVERS', 'dns.example.com', /addresses separated by commas/],
  ['CARILLON_DNS_SERVERS', '192.0.2.53,192.0.2.530', /CARILLON_DNS_SERVERS is "192.0.2.53,192.0.2.530"/],
  ['CARILLON_DNS_SERVERS', ',', /addresses separated by commas/],
  [
    'CARILLON_REPORT_NETWORKS',
    '10.0.0.0/33',
    /CARILLON_REPORT_NETWORKS is "10.0.0.0\/33": .*networks separated by commas/,
  ],
  ['CARILLON_REPORT_NETWORKS', 'intranet', /networks separated by commas/],
  ['CARILLON_REPORT_MINUTE_MS', '0', /CARILLON_REPORT_MINUTE_MS is "0": it must be a whole number from 10 to 60000/],
  ['CARILLON_RECORD_DAYS', '0', /from 1 to 3650/],
  ['CARILLON_RECORD_DAYS', 'forever', /CARILLON_RECORD_DAYS is "forever"/],
  ['CARILLON_TASK_DAYS', '36501', /from 1 to 36500/],
  ['CARILLON_TASK_DAYS', '61', /a task is kept as long as its records, CARILLON_RECORD_DAYS 62/],
  ['CARILLON_RTP_HOST', '10.0.0.256', /CARILLON_RTP_HOST is "10.0.0.256"/],
  ['CARILLON_RTP_HOST', '10.0.0.1,10.0.0.2', /an IPv6 address of it, or both/],
  ['CARILLON_RTP_HOST', '::', /not 0.0.0.0 and not ::/],
  ['CARILLON_RTP_HOST', ',', /CARILLON_RTP_HOST is ","/],
  ['CARILLON_RTP_PUBLIC_HOST', '2001:db8::1', /each of a family that `CARILLON_RTP_HOST` has/],
  ['CARILLON_RTP_PORTS', '20000', /two port numbers/],
  ['CARILLON_RTP_PORTS', '30000-20000', /the lower one first/],
  ['CARILLON_RTP_PORTS', '80-90', /between 1024 and 65535/],
  ['CARILLON_RTP_PORTS', '5000-5100', /CARILLON_SIP_PORT 5060 lies within/],
  ['CARILLON_MEDIA_THREADS', '0', /from 1 to 64/],
  ['CARILLON_RECALL_MINUTE_MS', '60001', /from 10 to 60000/],
];
for (const [name, value, message] of refused) {
  test(`${name}=${value} is refused`, () => assert.match(problemsOf({ [name]: value }), message));
}

test('a secret is not repeated in the message', () => {
  const message = problemsOf({ CARILLON_ADMIN_TOKEN: 'hunter2', DATABASE_URL: 'mysql://u:hunter3@db' });
  assert.match(message, /CARILLON_ADMIN_TOKEN .* at least 16 characters/);
  assert.match(message, /DATABASE_URL .* a PostgreSQL URL/);
  assert.doesNotMatch(message, /hunter/);
});

test('all problems are listed at once', () => {
  assert.equal(problemsOf({ CARILLON_X: '1', CARILLON_HTTP_PORT: '-1', CARILLON_SIP_PORT: 'y' }).split('\n').length, 4);
});

test('tasks are not kept shorter than their records', () => {
  assert.throws(
    () => loadConfig({ CARILLON_RECORD_DAYS: '90', CARILLON_TASK_DAYS: '89' }, machine),
    /CARILLON_TASK_DAYS is 89: .* CARILLON_RECORD_DAYS 90/,
  );
});
