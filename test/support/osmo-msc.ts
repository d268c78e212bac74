import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { type Child, startChild } from './child.ts';

/** A short message as osmo-msc keeps it until its handset shows up. */
export type StoredSms = {
  readonly source: { readonly ton: number; readonly npi: number; readonly address: string };
  readonly destination: { readonly ton: number; readonly npi: number; readonly address: string };
  readonly dataCoding: number;
  readonly hasHeader: boolean;
  readonly wantsReceipt: boolean;
  /** As it goes over the air: GSM text is packed. */
  readonly userData: Buffer;
  /** In septets for GSM text, else in octets, the header counted. */
  readonly length: number;
};

/** An osmo-msc (the switch of a GSM network, with its SMSC) of its own, without a radio network. */
export interface OsmoMsc {
  readonly host: string;
  readonly port: number;
  output(): string;
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Everything that it has stored, in order; also after a kill. */
  stored(): StoredSms[];
  kill(): Promise<void>;
  /** Starts it again at the same address, with what it had stored. */
  restart(): Promise<void>;
  /** Ends it (by its process id) and removes its files. Idempotent. */
  stop(): Promise<void>;
}

const install = 'apt-get install -y osmo-msc tcc';
const port = 2775;

/**
 * It wants SCTP for the network's other switches, which not every kernel has and no test of ours needs. This makes TCP of it: the sockets can be made, and a
 * test's own handset connects to one of them.
 */
const sctpShim = `
void *dlsym(void *handle, const char *name);
int socket(int domain, int type, int protocol) {
  int (*next)(int, int, int) = dlsym((void *)-1l, "socket");
  return next(domain, type, protocol == 132 ? 0 : protocol);
}
int setsockopt(int fd, int level, int name, const void *value, unsigned length) {
  int (*next)(int, int, int, const void *, unsigned) = dlsym((void *)-1l, "setsockopt");
  return level == 132 ? 0 : next(fd, level, name, value, length);
}
int getsockopt(int fd, int level, int name, void *value, unsigned *length) {
  int (*next)(int, int, int, void *, unsigned *) = dlsym((void *)-1l, "getsockopt");
  return level == 132 ? 0 : next(fd, level, name, value, length);
}
`;

/** Starts it and waits until it listens. `accounts`: system ids with their passwords. */
export async function startOsmoMsc(accounts: Readonly<Record<string, string>>): Promise<OsmoMsc> {
  // Some of its ports cannot be chosen, so each has a loopback address of its own.
  const host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
  const folder = await mkdtemp(join(tmpdir(), 'carillon-osmo-'));
  const paths = {
    shim: join(folder, 'shim.so'),
    database: join(folder, 'sms.db'),
    config: join(folder, 'osmo-msc.cfg'),
  };
  await compileShim(folder, paths.shim);
  await writeFile(paths.config, configuration(host, paths.database, accounts));
  const start = async (): Promise<Child> => {
    const env = { LD_PRELOAD: paths.shim };
    const started = await startChild({ command: 'osmo-msc', args: ['-c', paths.config], env, cwd: folder, install });
    await started.waitForOutput(/Iu-interface: SCCP user/, 20_000);
    return started;
  };
  let child = await start();
  return {
    host,
    port,
    output: () => child.output(),
    waitForOutput: (pattern, timeoutMs) => child.waitForOutput(pattern, timeoutMs),
    stored: () => readStored(paths.database),
    async kill() {
      process.kill(child.pid, 'SIGKILL');
      await child.waitForExit(5000);
    },
    async restart() {
      child = await start();
    },
    async stop() {
      await child.stop(5000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function compileShim(folder: string, target: string): Promise<void> {
  const source = join(folder, 'shim.c');
  await writeFile(source, sctpShim);
  const { status, stderr, error } = spawnSync('tcc', ['-shared', '-nostdlib', '-o', target, source], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`cannot compile the shim; install with: ${install}\n${stderr}`, { cause: error });
}

function configuration(host: string, database: string, accounts: Readonly<Record<string, string>>): string {
  // Whatever is for no subscriber, receipts for our senders among it, goes to each account that is bound.
  const esmes = Object.entries(accounts).map(
    ([name, password]) => ` esme ${name}\n  password ${password}\n  default-route\n`,
  );
  return `line vty
 no login
 bind ${host}
ctrl
 bind ${host}
log stderr
 logging level smpp debug
 logging level lsms debug
 logging color 0
network
 network country code 1
 mobile network code 1
 encryption a5 0
 authentication optional
msc
 sms-database ${database}
hlr
 remote-ip ${host}
sgs
 local-ip ${host}
smpp
 local-tcp-ip ${host} ${port}
 policy closed
 no smpp-first
${esmes.join('')}`;
}

function readStored(database: string): StoredSms[] {
  const connection = new DatabaseSync(database);
  try {
    return connection.prepare('select * from SMS order by id').all().map(storedSms);
  } finally {
    connection.close();
  }
}

function storedSms(row: Record<string, SQLOutputValue>): StoredSms {
  const address = (end: 'src' | 'dest') => ({
    ton: Number(row[`${end}_ton`]),
    npi: Number(row[`${end}_npi`]),
    address: String(row[`${end}_addr`]),
  });
  const dataCoding = Number(row.data_coding_scheme);
  const blob = row.user_data instanceof Uint8Array ? Buffer.from(row.user_data) : Buffer.alloc(0);
  return {
    source: address('src'),
    destination: address('dest'),
    dataCoding,
    hasHeader: row.ud_hdr_ind === 1,
    wantsReceipt: row.status_rep_req === 1,
    // It keeps as many octets as there are septets; those at the end are empty.
    userData: dataCoding === 0 ? blob.subarray(0, Math.ceil((blob.length * 7) / 8)) : blob,
    length: blob.length,
  };
}
