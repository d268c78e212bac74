import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Carillon, startCarillon } from '../test/support/carillon.ts';
import { at, type Json, listAt, numberAt } from '../test/support/json.ts';
import { descendantsOf } from '../test/support/process-tree.ts';
import { type Sipp, startSippServer } from '../test/support/sipp.ts';
import { numbersFrom, sendTask, uploadVoice } from '../test/support/task-client.ts';
import { toneSequence } from '../test/support/tone.ts';
import { until } from '../test/support/until.ts';
import { cpuSecondsOf } from './process-cpu.ts';

/** What one rate came to. */
export type PlatformStep = {
  /** Calls/s that the trunk allows. */
  readonly offeredCps: number;
  /** Calls/s from the first claim to the last one; every record was written within a second after. */
  readonly carriedCps: number;
  readonly calls: number;
  readonly failed: number;
  /** Retransmissions that SIPp saw, per call. */
  readonly retransmissionShare: number;
  readonly dialerCpuPerCallUs: number;
  readonly postgresCpuPerCallUs: number;
  readonly isCarried: boolean;
};

const scenario = fileURLToPath(new URL('./scenarios/uas-answer-at-once.xml', import.meta.url));
/** At least this share of the offered rate, no failed call, and hardly a retransmission: clean. */
const carriedShare = 0.95;
const retransmissionLimit = 0.005;
/** From the last claim to the last written record: a call lasts 200 ms, the rest is backlog. */
const longestTailMs = 1500;

/**
 * The whole platform: a task is posted over HTTP, every call is claimed, dialed over SIP to SIPp, hears 100 ms of audio over RTP, is hung up, and its record is
 * written. Steps the trunk's CPS up until it is not carried clean any more. One fresh installation with the embedded PostgreSQL.
 */
export async function measurePlatform(rates: readonly number[], secondsPerStep: number): Promise<PlatformStep[]> {
  const carillon = await startCarillon({ legs: 5000, env: { CARILLON_LOG_LEVEL: 'warn' } });
  try {
    const voiceFileId = await uploadVoice(carillon, 'bench.wav', toneSequence([440], 0.1, 0));
    const steps: PlatformStep[] = [];
    for (const offeredCps of rates) {
      const step = await measureStep(carillon, { offeredCps, calls: offeredCps * secondsPerStep, voiceFileId });
      steps.push(step);
      process.stderr.write(`${JSON.stringify(step)}\n`);
      if (!step.isCarried) break;
    }
    return steps;
  } finally {
    await carillon.stop();
  }
}

type StepPlan = { readonly offeredCps: number; readonly calls: number; readonly voiceFileId: string };

async function measureStep(carillon: Carillon, plan: StepPlan): Promise<PlatformStep> {
  const { offeredCps, calls } = plan;
  const far = await startSippServer({ scenario, calls, extraArgs: ['-buff_size', '4194304'] });
  try {
    const trunkId = await carillon.addTrunk(far.port, { maxCps: offeredCps, maxChannels: 10_000 });
    const cpuBefore = await cpuOf(carillon);
    const { elapsedMs, tailMs, failed } = await runTask(carillon, plan);
    const cpuAfter = await cpuOf(carillon);
    await carillon.admin('DELETE', `/trunks/${trunkId}`);
    const { retransmissions } = await statisticsOf(far);
    const carriedCps = (calls * 1000) / elapsedMs;
    const retransmissionShare = retransmissions / calls;
    return {
      offeredCps,
      carriedCps: Math.round(carriedCps),
      calls,
      failed,
      retransmissionShare: Number(retransmissionShare.toFixed(4)),
      dialerCpuPerCallUs: Math.round(((cpuAfter.dialerMs - cpuBefore.dialerMs) * 1000) / calls),
      postgresCpuPerCallUs: Math.round(((cpuAfter.postgresMs - cpuBefore.postgresMs) * 1000) / calls),
      isCarried:
        failed === 0 &&
        tailMs <= longestTailMs &&
        carriedCps >= carriedShare * offeredCps &&
        retransmissionShare <= retransmissionLimit,
    };
  } finally {
    await far.stop();
  }
}

type TaskTimes = { readonly elapsedMs: number; readonly tailMs: number; readonly failed: number };

async function runTask(carillon: Carillon, plan: StepPlan): Promise<TaskTimes> {
  const { offeredCps, calls, voiceFileId } = plan;
  const taskId = await sendTask(carillon, {
    taskName: `bench ${offeredCps} ${Date.now()}`,
    voiceFileId,
    numberList: numbersFrom(8613900000000, calls),
  });
  const reached = (what: string, isReached: (progress: Json) => boolean): Promise<{ at: number; progress: Json }> =>
    until(
      async () => {
        const progress = await carillon.admin('GET', `/tasks/${taskId}`);
        return isReached(progress) ? { at: Date.now(), progress } : null;
      },
      { what, timeoutMs: 600_000, everyMs: 20, detail: () => carillon.log() },
    );
  const first = await reached('the first claim', (progress) => numberAt(progress, 'calledCount') > 0);
  const claimed = await reached('the last claim', (progress) => numberAt(progress, 'calledCount') === calls);
  const done = await reached('the last record', (progress) => at(progress, 'status') === 2);
  if (numberAt(done.progress, 'failCount') > 0) await showFailed(carillon, taskId);
  return {
    elapsedMs: claimed.at - first.at,
    tailMs: done.at - claimed.at,
    failed: numberAt(done.progress, 'failCount'),
  };
}

/** Writes the records of some calls that failed to the terminal: what went wrong is worth more than how often. */
async function showFailed(carillon: Carillon, taskId: number): Promise<void> {
  for (const callStatus of [10, 20, 30, 60]) {
    const page = await carillon.admin('GET', `/tasks/${taskId}/calls?callStatus=${callStatus}&pageSize=3`);
    for (const call of listAt(page, 'items')) process.stderr.write(`failed: ${JSON.stringify(call)}\n`);
  }
}

/** SIPp ends by itself after the last call; when a call got lost it does not, and its figures are worth nothing anyway. */
async function statisticsOf(far: Sipp): Promise<{ retransmissions: number }> {
  return far.finished(40_000);
}

type Cpu = { readonly dialerMs: number; readonly postgresMs: number };

/** CPU time that the dialer process (all its threads) and PostgreSQL (all its processes) have used. */
async function cpuOf(carillon: Carillon): Promise<Cpu> {
  const dialer = await carillon.pidOf('dialer');
  const dialerMs = await cpuMs(dialer);
  let postgresMs = 0;
  for (const pid of await postgresPids(carillon)) postgresMs += await cpuMs(pid);
  return { dialerMs, postgresMs };
}

/** The children of the postmaster, which is a sibling of the dialer. Backends that have ended count through their parent. */
async function postgresPids(carillon: Carillon): Promise<number[]> {
  const parent = await parentOf(await carillon.pidOf('dialer'));
  const siblings = (await descendantsOf(parent)).filter(({ command }) => command.includes('postgres'));
  return siblings.map(({ pid }) => pid);
}

async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}

async function cpuMs(pid: number): Promise<number> {
  return ((await cpuSecondsOf(pid)) ?? 0) * 1000;
}
