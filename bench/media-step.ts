import { setTimeout as delay } from 'node:timers/promises';
import type { CoreShare } from './cores.ts';
import type { BenchCodec } from './media-codec.ts';
import type { MediaContender, OwnMediaFigures } from './media-contender.ts';
import { type EchoingFarSide, farSidePortStep, startEchoingFarSide } from './media-far-side.ts';
import { cpuSecondsOf } from './process-cpu.ts';
import { startRtpCapture } from './rtp-capture.ts';
import { measureStreams } from './rtp-schedule.ts';
import { droppedBetween, socketDrops } from './socket-drops.ts';

/** What one number of calls came to; all of it seen from outside but `own`. */
export type MediaStep = {
  readonly contender: MediaContender['name'];
  readonly calls: number;
  /** Why there are no figures, else null. */
  readonly failure: string | null;
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Share of the packets that were not sent in their time, did not come back, or came back to a full socket. */
  readonly loss: number;
  /** The three parts of `loss`. */
  readonly missing: number;
  readonly unreturned: number;
  readonly overflown: number;
  /** What SIPp's own full sockets dropped; a part of `unreturned`. */
  readonly farSideOverflown: number;
  /** CPU of the contender for a call, in milliseconds a second. */
  readonly cpuPerCallMs: number;
  /** Of one core. */
  readonly cpu: number;
  readonly farSideCpu: number;
  /** What the contender counted itself. */
  readonly own: OwnMediaFigures | null;
  readonly isCarried: boolean;
};

export type StepPlan = {
  readonly calls: number;
  readonly callsPerS: number;
  readonly seconds: number;
  readonly cores: CoreShare;
  readonly firstFarPort: number;
  /** How many calls one SIPp takes. */
  readonly callsPerFarSide: number;
  readonly codec: BenchCodec;
};

/** Limits of a step that counts. */
export const latenessLimitMs = 5;
export const lossLimit = 0.001;

const ptimeMs = 20;
/** After the last answer: code is compiled, the far side latched. */
const settleMs = 2000;
/** About so many calls are captured. */
const sampledCalls = 64;

/** Makes the calls, looks at them for some seconds, and ends them. A contender that cannot is a step not carried. */
export async function measureStep(contender: MediaContender, plan: StepPlan): Promise<MediaStep> {
  const { calls, callsPerS, cores, firstFarPort, codec } = plan;
  const processes = Math.ceil(calls / plan.callsPerFarSide);
  const farSide = await startEchoingFarSide({ cores: cores.others, processes, firstRtpPort: firstFarPort, codec });
  try {
    await contender.call({ calls, callsPerS, sipPorts: farSide.sipPorts });
    await delay(settleMs);
    return await observe(contender, farSide, plan);
  } catch (error) {
    return failedStep(contender, calls, error);
  } finally {
    await contender.hangUp().catch(() => undefined);
    await farSide.stop();
  }
}

async function observe(contender: MediaContender, farSide: EchoingFarSide, plan: StepPlan): Promise<MediaStep> {
  const { calls, seconds, cores, firstFarPort } = plan;
  const farPorts = { first: firstFarPort, last: firstFarPort + farSidePortStep * farSide.sipPorts.length - 1 };
  const oneOf = 2 ** Math.max(0, Math.round(Math.log2(calls / sampledCalls)));
  const { first, last } = contender.rtpPorts;
  const capture = await startRtpCapture({ cores: cores.others, farPorts, oneOf });
  const dropsBefore = await socketDrops(first, last);
  const farDropsBefore = await socketDrops(farPorts.first, farPorts.last);
  // Starting a process and reading the kernel's table of sockets stop everybody for some milliseconds: that is the bench's doing.
  await delay(settleMs);
  await contender.ownFigures();
  const startMs = performance.now();
  const cpuBefore = await cpuSecondsOf(contender.pid);
  const farCpuBefore = await farSide.cpuSeconds();
  await delay(seconds * 1000);
  const endMs = performance.now();
  const elapsedS = (endMs - startMs) / 1000;
  const cpu = ((await cpuSecondsOf(contender.pid)) ?? 0) - (cpuBefore ?? 0);
  const farSideCpu = (await farSide.cpuSeconds()) - farCpuBefore;
  const own = await contender.ownFigures();
  const packets = (await capture.finish()).filter(({ atMs }) => isWithin(atMs, startMs, endMs));
  const overflown = droppedBetween(dropsBefore, await socketDrops(first, last));
  const farOverflown = droppedBetween(farDropsBefore, await socketDrops(farPorts.first, farPorts.last));
  const isFarPort = (port: number): boolean => port >= farPorts.first && port <= farPorts.last;
  const seen = measureStreams({ packets, isFarPort, ptimeMs });
  if (seen.sent === 0) throw new Error('no packet of the calls was seen');
  const missing = seen.missing / (seen.sent + seen.missing);
  const unreturned = seen.unreturned / seen.sent;
  const expected = (calls * elapsedS * 1000) / ptimeMs;
  const overflownShare = overflown / expected;
  const loss = missing + unreturned + overflownShare;
  return {
    ...{ contender: contender.name, calls, failure: null },
    latenessP50Ms: round(seen.latenessP50Ms),
    latenessP99Ms: round(seen.latenessP99Ms),
    latenessMaxMs: round(seen.latenessMaxMs),
    loss: round(loss),
    missing: round(missing),
    unreturned: round(unreturned),
    overflown: round(overflownShare),
    farSideOverflown: round(farOverflown / expected),
    cpuPerCallMs: round((cpu * 1000) / elapsedS / calls),
    cpu: round(cpu / elapsedS),
    farSideCpu: round(farSideCpu / elapsedS),
    own,
    isCarried: seen.latenessP99Ms <= latenessLimitMs && loss <= lossLimit,
  };
}

/** `atMs` is of the wall clock, the others of this process's. */
function isWithin(atMs: number, fromMs: number, toMs: number): boolean {
  const ownMs = atMs - performance.timeOrigin;
  return ownMs >= fromMs && ownMs <= toMs;
}

function failedStep(contender: MediaContender, calls: number, error: unknown): MediaStep {
  const nothing = { latenessP50Ms: 0, latenessP99Ms: 0, latenessMaxMs: 0, cpuPerCallMs: 0, cpu: 0, farSideCpu: 0 };
  const lost = { loss: 1, missing: 0, unreturned: 0, overflown: 0, farSideOverflown: 0 };
  const failure = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return { contender: contender.name, calls, failure, ...nothing, ...lost, own: null, isCarried: false };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
