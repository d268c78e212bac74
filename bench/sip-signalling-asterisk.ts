import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Asterisk, startAsterisk } from '../test/support/asterisk.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import { isClean, type SignallingStep } from './sip-signalling-carillon.ts';
import { exitOfSipp, startUas, stopSipp } from './sip-signalling-uas.ts';
import { readSippStatistics } from './sipp-statistics.ts';

/** Asterisk as a caller: an instance that has warmed up, and its steps. */
export interface AsteriskCaller {
  step(rate: number, seconds: number): Promise<SignallingStep>;
  close(): Promise<void>;
}

/** From an RTP port's release to its next use nothing is counted, so these are ports for all calls of some seconds. */
const rtpPorts = 8000;

const pjsip = `
[global]
type = global
taskprocessor_overload_trigger = none

[far]
type = endpoint
transport = udp
disallow = all
allow = alaw
media_address = 127.0.0.1
bind_rtp_to_media_address = yes
`;

/**
 * Starts Asterisk with what makes it quick: some forty modules, no CDR, CEL or log, no events to the remote control, `Hangup` as the application of an
 * answered call. README.md of this folder says what else was tried.
 */
export async function startAsteriskCaller(): Promise<AsteriskCaller> {
  const files = { 'logger.conf': '[general]\n[logfiles]\nconsole => error\n' };
  const asterisk = await startAsterisk({ pjsip, dialplan: '', rtpPorts, files });
  await asterisk.remoteControl.act('Events', { EventMask: 'off' });
  await stepWithAsterisk(asterisk, 50, 1);
  return {
    step: (rate, seconds) => stepWithAsterisk(asterisk, rate, seconds),
    close: () => asterisk.stop(),
  };
}

/** The same step as ours, by `Originate`. What Asterisk repeats shows at the far side, as what SIPp had to send again for it. */
async function stepWithAsterisk(asterisk: Asterisk, rate: number, seconds: number): Promise<SignallingStep> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  const calls = rate * seconds;
  const uas = await startUas(seconds + 30, ['-m', String(calls), '-trace_stat', '-fd', '1'], folder);
  try {
    const finished = exitOfSipp(uas, seconds + 40);
    const startCpuS = (await cpuSecondsOf(asterisk.pid)) ?? 0;
    await originate(asterisk, uas.port, { rate, calls });
    await finished;
    const cpuS = ((await cpuSecondsOf(asterisk.pid)) ?? 0) - startCpuS;
    const { successful, retransmissions, reached } = await readSippStatistics(folder, calls, 'IncomingCall');
    const cpuPerCallUs = Math.round((cpuS * 1e6) / calls);
    const step = { rate, calls, failed: calls - successful, retransmissions, reached, cpuPerCallUs };
    return { ...step, isClean: isClean(step) };
  } finally {
    await stopSipp(uas);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks for all calls in step with the time. */
async function originate(
  { remoteControl }: Asterisk,
  port: number,
  { rate, calls }: { readonly rate: number; readonly calls: number },
): Promise<void> {
  const startMs = performance.now();
  for (let started = 0; started < calls; ) {
    const due = Math.min(calls, Math.ceil(((performance.now() - startMs) / 1000) * rate));
    for (; started < due; started += 1) {
      remoteControl.send('Originate', {
        Channel: `PJSIP/far/sip:8613800000000@127.0.0.1:${port}`,
        Application: 'Hangup',
        Async: 'true',
        CallerID: '1008',
        Codecs: 'alaw',
      });
    }
    await delay(2);
  }
}
