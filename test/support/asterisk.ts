import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationFiles, managerSecret, managerUser } from './asterisk-configuration.ts';
import { type AsteriskRemoteControl, openRemoteControl } from './asterisk-remote-control.ts';
import { asteriskRoot, ensureAsteriskRoot } from './asterisk-root.ts';
import { startChild } from './child.ts';
import { freePort, freeUdpRange } from './free-port.ts';
import type { Samples } from './tone.ts';
import { readRecording } from './wav.ts';

/** An Asterisk of its own on loopback. */
export interface Asterisk {
  /** UDP and TCP. */
  readonly sipPort: number;
  readonly tlsPort: number;
  readonly pid: number;
  readonly remoteControl: AsteriskRemoteControl;
  /** Where the dialplan's `${SPOOL}` points. */
  readonly spoolFolder: string;
  /** What the dialplan recorded to `${SPOOL}/NAME.wav`, once the call is over. */
  heard(name: string): Promise<Samples>;
  /** What it wrote: with `pjsip set logger on`, all SIP too. */
  output(): string;
  /** Ends it (by its process id) and removes its files. Idempotent. */
  stop(): Promise<void>;
}

export type AsteriskOptions = {
  /** Sections for pjsip.conf: endpoints, auths, aors. Four transports are there: udp, udp6, tcp, tls. */
  readonly pjsip: string;
  /** extensions.conf; `${SPOOL}` is the folder for recordings. */
  readonly dialplan: string;
  readonly rtpPorts?: number;
  /** Further files of its `etc`, or others in the place of ours, by name. */
  readonly files?: Readonly<Record<string, string>>;
};

/** The certificate of its TLS side is `test/fixtures/tls`, for the name carillon.test. */
const tlsFixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

/** Starts Asterisk on free ports and waits until it is ready. */
export async function startAsterisk(options: AsteriskOptions): Promise<Asterisk> {
  const { pjsip, dialplan, rtpPorts = 100, files: otherFiles = {} } = options;
  ensureAsteriskRoot();
  const root = asteriskRoot();
  const folder = await mkdtemp(join(tmpdir(), 'carillon-asterisk-'));
  const spoolFolder = join(folder, 'spool');
  for (const name of ['etc', 'run', 'log', 'spool', 'var']) await mkdir(join(folder, name));
  const [sipPort, tlsPort, managerPort] = [await freePort(), await freePort(), await freePort()];
  const files = configurationFiles({
    ...{ root, folder, sipPort, tlsPort, managerPort, pjsip },
    rtpStart: await freeUdpRange(rtpPorts),
    rtpCount: rtpPorts,
    certificate: tlsFixture('certificate.pem'),
    privateKey: tlsFixture('private-key.pem'),
    dialplan: `[globals]\nSPOOL = ${spoolFolder}\n${dialplan}`,
    files: otherFiles,
  });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'etc', name), text);
  const child = await startChild({
    command: root.command,
    args: [...root.args, '-f', '-n', '-C', join(folder, 'etc/asterisk.conf')],
    cwd: folder,
  });
  let remoteControl: AsteriskRemoteControl | null = null;
  const stop = async (): Promise<void> => {
    remoteControl?.close();
    await child.stop(5000);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await child.waitForOutput(/Asterisk Ready/, 30_000);
    remoteControl = await openRemoteControl(managerPort, managerUser, managerSecret);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ sipPort, tlsPort, pid: child.pid, remoteControl, spoolFolder },
    heard: (name) => readRecording(join(spoolFolder, `${name}.wav`), () => child.output()),
    output: () => child.output(),
    stop,
  };
}
