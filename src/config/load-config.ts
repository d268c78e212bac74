import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Value } from 'typebox/value';
import { type AddressAndPort, parseAddressAndPort } from '../lib/address-and-port.ts';
import type { LogLevel } from '../lib/logger.ts';
import { isNetwork } from '../lib/network.ts';
import { firstReachableAddress, isAddressPair, type NetworkInterfaces } from './advertised-address.ts';
import { nearestName } from './nearest-name.ts';
import { type RecordingConfig, recordingProblems, recordingsIn } from './recording-config.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';

/** The settings as the composition roots use them: checked, defaults filled in, relative paths resolved. */
export type Config = {
  /** null: embedded. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly httpHost: string;
  readonly httpPort: number;
  /** Addresses and networks; empty: none. */
  readonly trustedProxies: readonly string[];
  /** null: the one kept in `dataDir`. */
  readonly adminToken: string | null;
  /** One of each family at most. */
  readonly sipHosts: readonly string[];
  readonly sipPort: number;
  /** Of families that `sipHosts` has; empty: `sipHosts`. */
  readonly sipPublicHosts: readonly string[];
  /** Paths of PEM files; null: TLS is not listened for. */
  readonly sipTls: { readonly port: number; readonly certificateFile: string; readonly keyFile: string } | null;
  /** null: the system's. */
  readonly dnsServers: readonly AddressAndPort[] | null;
  /** One of each family at most, the preferred first. */
  readonly rtpHosts: readonly string[];
  /** Of families that `rtpHosts` has; empty: `rtpHosts`. */
  readonly rtpPublicHosts: readonly string[];
  readonly rtpPorts: { readonly first: number; readonly last: number };
  readonly mediaThreads: number;
  /** Without a slash at its end; null: the host of the request. */
  readonly publicUrl: string | null;
  readonly recordings: RecordingConfig;
  /** Days. */
  readonly retention: { readonly recordDays: number; readonly taskDays: number };
  /** null: Google does not speak. */
  readonly googleSpeech: { readonly credentialsFile: string; readonly endpoint: string } | null;
  readonly reports: {
    /** Addresses and networks, besides the public ones; empty: none. */
    readonly networks: readonly string[];
    readonly minuteMs: number;
  };
  readonly drainS: number;
  readonly logLevel: LogLevel;
  readonly recallMinuteMs: number;
};

/** What the defaults depend on. */
export type Machine = { readonly interfaces: NetworkInterfaces; readonly cores: number };

/** The environment is not as it must be. The message lists every problem and what to do about it. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`the settings are not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

const prefix = 'CARILLON_';
/** Read by the tests' own programs. */
const ignoredPrefix = 'CARILLON_TEST_';

/** Reads and checks the environment. An empty variable counts as unset. Throws {@link ConfigError}. */
export function loadConfig(environment: NodeJS.ProcessEnv, machine: Machine): Config {
  const problems = unknownNames(environment);
  const properties = Object.entries<object>(settingsSchema.properties);
  const given = properties.flatMap(([name, schema]) => {
    const text = environment[name]?.trim() ?? '';
    return text === '' ? [] : [{ name, schema, text, value: read(text, schema) }];
  });
  const candidate: unknown = Value.Default(
    settingsSchema,
    Object.fromEntries(given.map(({ name, value }) => [name, value])),
  );
  if (!Value.Check(settingsSchema, candidate)) {
    for (const { name, schema, text, value } of given) {
      if (!Value.Check(schema, value)) problems.push(problemWith(name, text, schema));
    }
    throw new ConfigError(problems);
  }
  const config = toConfig(candidate, machine);
  problems.push(...contradictions(config, candidate));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Strictly: the library's own conversion makes 80 of 80.5. What is not a number stays a text, which the check refuses. */
function read(text: string, schema: object): string | number {
  return 'type' in schema && schema.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text;
}

function toConfig(settings: Settings, machine: Machine): Config {
  const reachable = firstReachableAddress(machine.interfaces);
  const sipHosts = listIn(settings.CARILLON_SIP_HOST ?? reachable);
  const [first = 0, last = 0] = settings.CARILLON_RTP_PORTS.split('-').map(Number);
  return {
    databaseUrl: settings.DATABASE_URL ?? null,
    dataDir: resolve(settings.CARILLON_DATA_DIR),
    httpHost: settings.CARILLON_HTTP_HOST,
    httpPort: settings.CARILLON_HTTP_PORT,
    trustedProxies: listIn(settings.CARILLON_TRUSTED_PROXIES ?? ''),
    adminToken: settings.CARILLON_ADMIN_TOKEN ?? null,
    sipHosts,
    sipPort: settings.CARILLON_SIP_PORT,
    sipPublicHosts: listIn(settings.CARILLON_SIP_PUBLIC_HOST ?? ''),
    sipTls: sipTlsIn(settings),
    dnsServers: dnsServersIn(settings)?.flatMap((server) => server ?? []) ?? null,
    rtpHosts: settings.CARILLON_RTP_HOST === undefined ? sipHosts : listIn(settings.CARILLON_RTP_HOST),
    rtpPublicHosts: listIn(settings.CARILLON_RTP_PUBLIC_HOST ?? ''),
    rtpPorts: { first, last },
    mediaThreads: settings.CARILLON_MEDIA_THREADS ?? mediaThreadsFor(machine.cores, last - first + 1),
    publicUrl: settings.CARILLON_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    recordings: recordingsIn(settings),
    retention: { recordDays: settings.CARILLON_RECORD_DAYS, taskDays: settings.CARILLON_TASK_DAYS },
    googleSpeech: googleSpeechIn(settings),
    reports: {
      networks: listIn(settings.CARILLON_REPORT_NETWORKS ?? ''),
      minuteMs: settings.CARILLON_REPORT_MINUTE_MS,
    },
    drainS: settings.CARILLON_DRAIN_S,
    logLevel: settings.CARILLON_LOG_LEVEL,
    recallMinuteMs: settings.CARILLON_RECALL_MINUTE_MS,
  };
}

/** One core is for the rest; and a thread that its share of the ports cannot fill only costs what an idle one costs. */
function mediaThreadsFor(cores: number, ports: number): number {
  const portsPerThread = 2000;
  return Math.max(1, Math.min(cores - 1, Math.ceil(ports / portsPerThread)));
}

function sipTlsIn(settings: Settings): Config['sipTls'] {
  const { CARILLON_SIP_TLS_CERT: certificate, CARILLON_SIP_TLS_KEY: key, CARILLON_SIP_TLS_PORT: port } = settings;
  if (certificate === undefined || key === undefined) return null;
  return { port, certificateFile: resolve(certificate), keyFile: resolve(key) };
}

function googleSpeechIn(settings: Settings): Config['googleSpeech'] {
  const { CARILLON_GOOGLE_CREDENTIALS: credentials, CARILLON_GOOGLE_ENDPOINT: endpoint } = settings;
  return credentials === undefined ? null : { credentialsFile: resolve(credentials), endpoint };
}

/** null in the list: what is no address. */
function dnsServersIn({ CARILLON_DNS_SERVERS: text }: Settings): readonly (AddressAndPort | null)[] | null {
  return text === undefined ? null : listIn(text).map((item) => parseAddressAndPort(item, 53));
}

function listIn(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || []);
}

/** A misspelt setting would otherwise be one that silently does nothing. */
function unknownNames(environment: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(settingsSchema.properties);
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !name.startsWith(ignoredPrefix) && !known.includes(name))
    .map((name) => {
      const near = nearestName(name, known);
      return `${name} is not a setting: ${near === null ? 'unset it' : `did you mean ${near}? Rename or unset it`}.`;
    });
}

/** What a pattern cannot say. */
function contradictions(config: Config, settings: Settings): string[] {
  const problems: string[] = [];
  const { recordDays, taskDays } = config.retention;
  if (taskDays < recordDays) {
    problems.push(
      `CARILLON_TASK_DAYS is ${taskDays}: a task is kept as long as its records, CARILLON_RECORD_DAYS ${recordDays}.`,
    );
  }
  const { first, last } = config.rtpPorts;
  if (first < 1024 || last > 65535 || last <= first) {
    problems.push(
      problemWith('CARILLON_RTP_PORTS', settings.CARILLON_RTP_PORTS, settingsSchema.properties.CARILLON_RTP_PORTS),
    );
  }
  if (dnsServersIn(settings)?.includes(null) || config.dnsServers?.length === 0) {
    const { CARILLON_DNS_SERVERS: text = '' } = settings;
    problems.push(problemWith('CARILLON_DNS_SERVERS', text, settingsSchema.properties.CARILLON_DNS_SERVERS));
  }
  if (!config.reports.networks.every(isNetwork)) {
    const { CARILLON_REPORT_NETWORKS: text = '' } = settings;
    problems.push(problemWith('CARILLON_REPORT_NETWORKS', text, settingsSchema.properties.CARILLON_REPORT_NETWORKS));
  }
  if (
    config.rtpHosts.some((host) => config.sipHosts.includes(host)) &&
    config.sipPort >= first &&
    config.sipPort <= last
  ) {
    problems.push(
      `CARILLON_SIP_PORT ${config.sipPort} lies within CARILLON_RTP_PORTS ${first}-${last}: choose one outside.`,
    );
  }
  return [
    ...problems,
    ...addressProblems(config, settings),
    ...tlsProblems(config, settings),
    ...recordingProblems(settings),
  ];
}

function addressProblems(config: Config, settings: Settings): string[] {
  const { sipHosts, sipPublicHosts, rtpHosts, rtpPublicHosts } = config;
  const checked: [name: AddressSetting, isRight: boolean][] = [
    ['CARILLON_SIP_HOST', sipHosts.length > 0 && isAddressPair(sipHosts)],
    ['CARILLON_SIP_PUBLIC_HOST', isAddressPair(sipPublicHosts) && areOfFamiliesOf(sipPublicHosts, sipHosts)],
    ['CARILLON_RTP_HOST', rtpHosts.length > 0 && isAddressPair(rtpHosts)],
    ['CARILLON_RTP_PUBLIC_HOST', isAddressPair(rtpPublicHosts) && areOfFamiliesOf(rtpPublicHosts, rtpHosts)],
  ];
  return checked.flatMap(([name, isRight]) => {
    const text = settings[name];
    return isRight || text === undefined ? [] : [problemWith(name, text, settingsSchema.properties[name])];
  });
}

type AddressSetting =
  | 'CARILLON_SIP_HOST'
  | 'CARILLON_SIP_PUBLIC_HOST'
  | 'CARILLON_RTP_HOST'
  | 'CARILLON_RTP_PUBLIC_HOST';

function areOfFamiliesOf(hosts: readonly string[], others: readonly string[]): boolean {
  return hosts.every((host) => others.some((other) => isIP(other) === isIP(host)));
}

function tlsProblems({ sipTls, sipPort }: Config, settings: Settings): string[] {
  const { CARILLON_SIP_TLS_CERT: certificate, CARILLON_SIP_TLS_KEY: key } = settings;
  if (certificate !== undefined && key === undefined) {
    return ['CARILLON_SIP_TLS_CERT is set, and CARILLON_SIP_TLS_KEY is not: set the file with its key too.'];
  }
  if (certificate === undefined && key !== undefined) {
    return ['CARILLON_SIP_TLS_KEY is set, and CARILLON_SIP_TLS_CERT is not: set the file with its certificate too.'];
  }
  if (sipTls !== null && sipTls.port === sipPort && sipPort !== 0) {
    return [`CARILLON_SIP_TLS_PORT is CARILLON_SIP_PORT ${sipPort}, which TCP has: choose another, usually 5061.`];
  }
  return [];
}

/** Secrets are not repeated: the message goes into logs. */
const secretNames = new Set(['DATABASE_URL', 'CARILLON_ADMIN_TOKEN', 'CARILLON_S3_SECRET_KEY']);

function problemWith(name: string, text: string, schema: object): string {
  const value = secretNames.has(name) ? 'has a value that does not fit' : `is "${text}"`;
  return `${name} ${value}: it must be ${expectationOf(schema)}.`;
}

/** A setting's type and limits in words. */
export function expectationOf(schema: object): string {
  if ('expected' in schema) return String(schema.expected);
  if ('anyOf' in schema && Array.isArray(schema.anyOf)) {
    return `one of ${schema.anyOf.map((option: { const?: unknown }) => String(option.const)).join(', ')}`;
  }
  if ('minimum' in schema && 'maximum' in schema) return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  return 'a text that is not empty';
}
