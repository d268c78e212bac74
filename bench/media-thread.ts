import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { MediaWorkerSettings } from '../src/telephony/rtp/media-worker.ts';
import type { FromMediaPeer, ToMediaPeer } from './media-thread-peer.ts';
import { type MediaTotals, openMediaSide } from './media-thread-side.ts';
import type { BenchResult } from './result.ts';

/** What one number of sessions came to. */
export type MediaStep = {
  readonly sessions: number;
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Share of packets that one of both sides sent and the other never got. */
  readonly loss: number;
  /** Share of time that the schedule gave up. */
  readonly skipped: number;
  /** CPU of the measured process per call, in microseconds per second. */
  readonly cpuPerCallUs: number;
  readonly isCarried: boolean;
};

const latenessLimitMs = 5;
const lossLimit = 0.001;
const warmUpMs = 3000;

/**
 * How many full-duplex playback calls one media thread carries: the greatest number, step by step, at which the 99th percentile of send lateness is at
 * most 5 ms and at most 0.1 % of the packets are lost or skipped. The far side is a second process with as many sessions, which play
 * back. Options: `--from` 200, `--step` 200, `--to` 4000 sessions, `--seconds` 6 per step, `--tick` 1 ms, `--events` for sockets of `node:dgram`.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      from: { type: 'string', default: '200' },
      step: { type: 'string', default: '200' },
      to: { type: 'string', default: '4000' },
      seconds: { type: 'string', default: '6' },
      tick: { type: 'string', default: '1' },
      events: { type: 'boolean', default: false },
    },
  });
  // Before the run, whose own load would show otherwise.
  const loadAverage = loadavg()[0] ?? 0;
  const thread = { tickMs: Number(values.tick), sockets: values.events ? 'events' : 'system calls' } as const;
  const steps: MediaStep[] = [];
  for (let sessions = Number(values.from); sessions <= Number(values.to); sessions += Number(values.step)) {
    const step = await measure(sessions, Number(values.seconds), thread);
    steps.push(step);
    console.error(JSON.stringify(step));
    if (!step.isCarried) break;
  }
  const best = steps.findLast((step) => step.isCarried);
  return {
    bench: 'media-thread',
    value: best?.sessions ?? 0,
    unit: 'concurrent playback calls per media thread',
    peer: null,
    peerValue: null,
    ratio: null,
    loadAverage,
    p99Ms: best?.latenessP99Ms ?? 0,
    cpuPerCallUs: best?.cpuPerCallUs ?? 0,
    steps,
  };
}

async function measure(sessions: number, seconds: number, thread: MediaWorkerSettings): Promise<MediaStep> {
  const side = await openMediaSide(sessions, 20_000, thread);
  const peer = fork(new URL('./media-thread-peer.ts', import.meta.url));
  const opened = await ask(peer, { type: 'open', remotePorts: side.ports, firstPort: 30_000, thread });
  if (opened.type !== 'opened') throw new Error('the far side did not open');
  side.connect(opened.ports);
  // Until the code is compiled and the far side latched.
  await delay(warmUpMs);
  const before = await side.figures();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  await delay(seconds * 1000);
  const cpu = process.cpuUsage(startCpu);
  const elapsedMs = performance.now() - startMs;
  const figures = await side.figures();
  // Both stop at about the same time; what is on its way then is not counted as lost, for it is newer than all that came.
  const [own, closed] = await Promise.all([side.close(), ask(peer, { type: 'close' })]);
  if (closed.type !== 'closed') throw new Error('the far side did not close');
  const loss = Math.max(lossOf(own), lossOf(closed.totals));
  const skipped = (figures.skippedMs - before.skippedMs) / elapsedMs;
  return {
    sessions,
    latenessP50Ms: round(figures.sendLatenessP50Ms),
    latenessP99Ms: round(figures.sendLatenessP99Ms),
    latenessMaxMs: round(figures.sendLatenessMaxMs),
    loss: round(loss),
    skipped: round(skipped),
    cpuPerCallUs: Math.round(((cpu.user + cpu.system) * 1000) / elapsedMs / sessions),
    isCarried: figures.sendLatenessP99Ms <= latenessLimitMs && loss <= lossLimit && skipped <= lossLimit,
  };
}

async function ask(peer: ChildProcess, message: ToMediaPeer): Promise<FromMediaPeer> {
  peer.send(message);
  const [answer] = (await once(peer, 'message')) as [FromMediaPeer];
  return answer;
}

function lossOf({ received, lost }: MediaTotals): number {
  return received + lost === 0 ? 1 : lost / (received + lost);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
