import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '../src/lib/logger.ts';
import { createMediaService } from '../src/telephony/rtp/media-service.ts';
import type { MediaSession } from '../src/telephony/rtp/media-types.ts';
import type { BenchResult } from './result.ts';

/*
 * What recording a call costs: CPU of the whole process with all calls recorded against none, in pairs one after the other, and what it does to the lateness of sending. Both ends of each call are
 * in this process, so the figure without recording is that of two sessions; the value is the median of the differences.
 */

const rounds = 5;
const roundMs = 6000;
const host = '127.0.0.1';
const firstPort = 40_000;

type Round = { readonly cpuMsPerCallSecond: number; readonly latenessP99Ms: number };

type Plan = { readonly calls: number; readonly isRecorded: boolean; readonly folder: string };

async function measure({ calls, isRecorded, folder }: Plan): Promise<Round> {
  const range = (first: number) => ({ first, last: first + 4 * calls });
  const shared = { hosts: [host], threads: 1, logger: silentLogger() };
  const near = await createMediaService({ ...shared, portRange: range(firstPort) });
  const far = await createMediaService({ ...shared, portRange: range(firstPort + 4 * calls + 2) });
  const sessions: MediaSession[] = [];
  const recordings: Promise<unknown>[] = [];
  for (let index = 0; index < calls; index += 1) {
    const [a, b] = await Promise.all([near.open(() => undefined), far.open(() => undefined)]);
    const format = { codec: 'PCMA', payloadType: 8, eventPayloadType: null, ptimeMs: 20, canSend: true } as const;
    a.connect({ address: host, port: b.localPort, ...format });
    b.connect({ address: host, port: a.localPort, ...format });
    if (isRecorded) recordings.push(a.record(join(folder, `${index}.wav`)));
    sessions.push(a, b);
  }
  await sleep(1000);
  await near.figures({ resetLateness: true });
  const before = process.cpuUsage();
  await sleep(roundMs);
  const { user, system } = process.cpuUsage(before);
  const [figures] = await near.figures();
  await Promise.all(sessions.map((session) => session.close()));
  await Promise.all(recordings);
  await Promise.all([near.close(), far.close()]);
  return {
    cpuMsPerCallSecond: (user + system) / 1000 / calls / (roundMs / 1000),
    latenessP99Ms: figures?.sendLatenessP99Ms ?? Number.NaN,
  };
}

/** `args`: how many calls; default 200. */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const calls = Number(args[0] ?? 200);
  const folder = await mkdtemp(join(tmpdir(), 'carillon-bench-recording-'));
  const pairs: { readonly plain: Round; readonly recorded: Round }[] = [];
  for (let pair = 0; pair < rounds; pair += 1) {
    const plain = await measure({ calls, isRecorded: false, folder });
    const recorded = await measure({ calls, isRecorded: true, folder });
    pairs.push({ plain, recorded });
    console.error(JSON.stringify({ calls, plain, recorded }));
  }
  await rm(folder, { recursive: true });
  const extra = pairs.map(({ plain, recorded }) => recorded.cpuMsPerCallSecond - plain.cpuMsPerCallSecond);
  const value = extra.sort((x, y) => x - y)[Math.floor(extra.length / 2)] ?? Number.NaN;
  const [load] = loadavg();
  return {
    bench: 'recording',
    value: Math.round(value * 1000) / 1000,
    unit: 'ms of CPU per recorded call and second',
    ...{ peer: null, peerValue: null, ratio: null, calls, pairs, load },
  };
}
