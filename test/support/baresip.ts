import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from './child.ts';
import { freePort, freeUdpRange } from './free-port.ts';
import type { Samples } from './tone.ts';
import { until } from './until.ts';
import { encodeWav, readRecording } from './wav.ts';

/** A real softphone that answers every call to one number and records what it hears. */
export interface Phone {
  readonly port: number;
  /** Presses a key during a call: a telephone event (RFC 4733) where that was negotiated. */
  press(key: string): void;
  /** The keys that it received since the start, by event or INFO. */
  pressed(): string;
  /** Puts the call on hold, or goes on with it: a re-INVITE each. */
  hold(isHeld: boolean): void;
  /** Resolves at the `nth` call event of that type since the start. */
  waitForCall(type: 'CALL_ESTABLISHED' | 'CALL_CLOSED', timeoutMs: number, nth?: number): Promise<void>;
  /** What was heard in the last call, at the rate of its sound. */
  heard(): Promise<Samples>;
  output(): string;
  stop(): Promise<void>;
}

/** Where Debian's baresip-core has its modules. */
const moduleFolder = '/usr/lib/baresip/modules';

export type PhoneOptions = {
  /** What it says all the time, at the rate of its sound; silence unless given. */
  readonly microphone?: Int16Array;
  /** What it speaks; default: G.711. */
  readonly codec?: 'G722' | 'opus';
  /** Takes SRTP with keys in the SDP, and no call without. */
  readonly requiresSrtp?: boolean;
};

/** Starts baresip on free loopback ports as the phone with that number. */
export async function startPhone(number: string, options: PhoneOptions = {}): Promise<Phone> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-baresip-'));
  const port = await freePort();
  const controlPort = await freePort();
  // Baresip draws a free one for each call.
  const rtpStart = await freeUdpRange(200);
  // The call ends when the microphone's file does: a minute.
  const said = options.microphone ?? new Int16Array(1);
  const sampleRate = options.codec === undefined ? 8000 : soundRates[options.codec];
  const channels = options.codec === 'opus' ? 2 : 1;
  const pcm = Int16Array.from({ length: 60 * sampleRate }, (_, index) => said[index % said.length] ?? 0);
  await writeFile(join(folder, 'microphone.wav'), encodeWav({ pcm, sampleRate }, channels));
  await writeFile(join(folder, 'config'), configuration({ folder, port, controlPort, rtpStart, sampleRate, channels }));
  const account = `<sip:${number}@127.0.0.1>;regint=0;answermode=auto${codecParameter(options)}`;
  await writeFile(join(folder, 'accounts'), `${account}${options.requiresSrtp ? ';mediaenc=srtp-mand' : ''}\n`);
  await writeFile(join(folder, 'contacts'), '');
  const child = await startChild({
    command: 'baresip',
    args: ['-f', folder, '-4', '-v'],
    install: 'apt-get install -y baresip-core',
  });
  await child.waitForOutput(/baresip is ready/, 10_000);
  const control = await openControl(controlPort);
  return {
    port,
    press: (key) => control.command('sndcode', key),
    pressed: () => control.keys(),
    hold: (isHeld) => control.command(isHeld ? 'hold' : 'resume', ''),
    async waitForCall(type, timeoutMs, nth = 1) {
      await until(() => control.events().filter((event) => event === type).length >= nth, {
        what: `baresip's ${type}`,
        timeoutMs,
        everyMs: 20,
        detail: () => child.output().slice(-4000),
      });
    },
    async heard() {
      const recordings = (await readdir(folder)).filter((name) => name.endsWith('-dec.wav')).sort();
      return readRecording(join(folder, recordings.at(-1) ?? 'no recording'), () => child.output());
    },
    output: () => child.output(),
    async stop() {
      control.close();
      await child.stop(2000);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Configuration = {
  readonly folder: string;
  readonly port: number;
  readonly controlPort: number;
  readonly rtpStart: number;
  readonly sampleRate: number;
  readonly channels: 1 | 2;
};

/** The rates that baresip plays and records at, Hz. */
const soundRates = { G722: 16_000, opus: 48_000 } as const;

function codecParameter({ codec }: PhoneOptions): string {
  if (codec === undefined) return '';
  return codec === 'G722' ? ';audio_codecs=G722/16000/1' : ';audio_codecs=opus/48000/2';
}

function configuration({ folder, port, controlPort, rtpStart, sampleRate, channels }: Configuration): string {
  return [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${port}`,
    'call_max_calls 4',
    `audio_source aufile,${folder}/microphone.wav`,
    'audio_player aubridge,nowhere',
    `ausrc_srate ${sampleRate}`,
    `auplay_srate ${sampleRate}`,
    `ausrc_channels ${channels}`,
    `auplay_channels ${channels}`,
    `rtp_ports ${rtpStart}-${rtpStart + 199}`,
    `module_path ${moduleFolder}`,
    'module g711.so',
    'module g722.so',
    'module opus.so',
    'module aufile.so',
    'module aubridge.so',
    'module sndfile.so',
    'module srtp.so',
    'module_tmp account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    `snd_path ${folder}`,
    '',
  ].join('\n');
}

type Control = {
  command(name: string, parameters: string): void;
  /** The types of the events so far, in order. */
  events(): readonly string[];
  /** Those that came in, in order. */
  keys(): string;
  close(): void;
};

/** The module `ctrl_tcp`: JSON in netstrings (`length:text,`), both ways. */
async function openControl(port: number): Promise<Control> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opening = connect(port, '127.0.0.1', () => resolve(opening));
    opening.once('error', reject);
  });
  const types: string[] = [];
  let keys = '';
  let received = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (data) => {
    received += data.toString();
    for (;;) {
      const [prefix = '', length = ''] = /^(\d+):/.exec(received) ?? [];
      if (prefix === '' || received.length <= prefix.length + Number(length)) return;
      const message = JSON.parse(received.slice(prefix.length, prefix.length + Number(length)));
      received = received.slice(prefix.length + Number(length) + 1);
      if (message.event === true) types.push(String(message.type));
      if (message.type === 'CALL_DTMF_START') keys += String(message.param);
    }
  });
  return {
    command(name, parameters) {
      const text = JSON.stringify({ command: name, params: parameters });
      socket.write(`${text.length}:${text},`);
    },
    events: () => types,
    keys: () => keys,
    close: () => socket.destroy(),
  };
}
