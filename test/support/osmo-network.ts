import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { type OsmoMsc, startOsmoMsc } from './osmo-msc.ts';
import { attachHandset, type SgsHandset } from './sgs-handset.ts';
import { until } from './until.ts';

/** An osmo-msc with a register of subscribers (osmo-hlr) and one handset that is attached to it. */
export interface OsmoNetwork {
  readonly msc: OsmoMsc;
  readonly handset: SgsHandset;
  /** Ends all (by their process ids) and removes their files. Idempotent. */
  stop(): Promise<void>;
}

const imsi = '001010000000001';

/** Starts it all, and waits until the handset, with this number, can be reached. */
export async function startOsmoNetwork(
  accounts: Readonly<Record<string, string>>,
  number: string,
): Promise<OsmoNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-hlr-'));
  const ends: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const msc = await startOsmoMsc(accounts);
    ends.push(() => msc.stop());
    await writeFile(join(folder, 'hlr.cfg'), registerConfiguration(msc.host, join(folder, 'hlr.db')));
    const register = await startChild({
      command: 'osmo-hlr',
      args: ['-c', join(folder, 'hlr.cfg')],
      cwd: folder,
      install: 'apt-get install -y osmo-hlr',
    });
    ends.push(() => register.stop(2000));
    await register.waitForOutput(/CTRL at /, 10_000);
    await tellRegister(msc.host, [`subscriber imsi ${imsi} create`, `subscriber imsi ${imsi} update msisdn ${number}`]);
    await msc.waitForOutput(/4222 connection done/, 20_000);
    const [, sgsPort] = await msc.waitForOutput(/SGs socket bound to .*:(\d+)/, 5000);
    const handset = await attachHandset(Number(sgsPort), imsi);
    ends.push(() => handset.close());
    return { msc, handset, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function registerConfiguration(host: string, database: string): string {
  return `log stderr
 logging level main info
line vty
 bind ${host}
ctrl
 bind ${host}
hlr
 gsup
  bind ip ${host}
 database ${database}
`;
}

/** By its terminal, which answers each command with a prompt. */
async function tellRegister(host: string, commands: readonly string[]): Promise<void> {
  const socket = connect(4258, host);
  await once(socket, 'connect');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
  });
  const prompts = (): number => heard.match(/OsmoHLR[>#] /g)?.length ?? 0;
  try {
    for (const [index, command] of ['enable', ...commands].entries()) {
      socket.write(`${command}\r\n`);
      // The first prompt greets.
      await until(() => prompts() >= index + 2, {
        what: `osmo-hlr's answer to ${command}`,
        timeoutMs: 5000,
        everyMs: 20,
        detail: () => heard,
      });
    }
  } finally {
    socket.destroy();
  }
  if (!heard.includes('Updated subscriber')) throw new Error(`osmo-hlr does not have the subscriber:\n${heard}`);
}
