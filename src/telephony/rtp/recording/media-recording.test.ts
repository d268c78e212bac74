import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { freeUdpRange } from '../../../../test/support/free-port.ts';
import { until } from '../../../../test/support/until.ts';
import { silentLogger } from '../../../lib/logger.ts';
import { wavHeaderBytes } from '../../../lib/stereo-wav.ts';
import { type FoundTone, findTones, generateTones } from '../../audio/tones.ts';
import { createMediaService } from '../media-service.ts';
import type { MediaEvent, MediaService, MediaSession } from '../media-types.ts';
import { type MediaWorker, startMediaWorker } from '../media-worker.ts';

const host = '127.0.0.1';
const frequenciesHz = [440, 700, 1000];

let folder: string;
let echo: Socket;
let media: MediaService;
let workers: MediaWorker[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-media-recording-'));
  echo = createSocket('udp4');
  echo.on('message', (packet, source) => echo.send(packet, source.port, source.address));
  await new Promise<void>((resolve) => echo.bind(0, host, resolve));
  const first = await freeUdpRange(200);
  workers = [];
  media = await createMediaService({
    hosts: [host],
    portRange: { first, last: first + 199 },
    threads: 1,
    logger: silentLogger(),
    startWorker: (observer) => {
      const worker = startMediaWorker(observer, { tickMs: 5, sockets: 'system calls' });
      workers.push(worker);
      return worker;
    },
  });
  const melody = frequenciesHz.map((frequencyHz) => ({ frequencyHz, durationMs: 200 }));
  await media.loadPrompt({ promptKey: 'up', pcm: generateTones(melody, 16_000), sampleRate: 16_000 });
});

afterEach(async () => {
  await media.close();
  await new Promise<void>((resolve) => echo.close(resolve));
  await rm(folder, { recursive: true });
});

/** A session to the far side, which gives back what it hears. `events` fills up. */
async function connected(events: MediaEvent[] = []): Promise<MediaSession> {
  const session = await media.open((event) => events.push(event));
  const { port } = echo.address();
  const format = { codec: 'PCMA', payloadType: 8, eventPayloadType: null, ptimeMs: 20, canSend: true } as const;
  session.connect({ address: host, port, ...format });
  return session;
}

function seen(events: readonly MediaEvent[], type: MediaEvent['type']): Promise<MediaEvent> {
  return until(() => events.find((event) => event.type === type) ?? null, { what: type, timeoutMs: 20_000 });
}

/** The tones of one side; a machine that stops for a moment may cut one in two. */
function tonesOf(file: Buffer, side: 0 | 1): FoundTone[] {
  const samples = Array.from({ length: (file.length - wavHeaderBytes) / 4 }, (_, frame) =>
    file.readInt16LE(wavHeaderBytes + 4 * frame + 2 * side),
  );
  return findTones(Int16Array.from(samples), { sampleRate: 8000, frequenciesHz, windowMs: 20 }).filter(
    (tone, index, all) => tone.frequencyHz !== all[index - 1]?.frequencyHz,
  );
}

describe('a recorded session', () => {
  it('has on the left what came and on the right what was sent, when it did', async () => {
    const events: MediaEvent[] = [];
    const session = await connected(events);
    const file = join(folder, 'a.wav');
    const outcome = session.record(file);
    await seen(events, 'first-packet');
    session.play('up', 1);
    await seen(events, 'play-ended');
    await session.close();
    const { bytes, durationMs, ...rest } = { bytes: 0, durationMs: 0, ...(await outcome) };
    assert.deepEqual(rest, { isKept: true, problem: null });
    assert.deepEqual(await readdir(folder), ['a.wav']);
    const content = await readFile(file);
    assert.equal(content.length, bytes);
    assert.equal(content.readUInt32LE(40), bytes - wavHeaderBytes);
    assert.equal(durationMs, Math.round((bytes - wavHeaderBytes) / 32));
    const [left, right] = [tonesOf(content, 0), tonesOf(content, 1)];
    for (const side of [left, right]) {
      assert.deepEqual(
        side.map((tone) => tone.frequencyHz),
        frequenciesHz,
      );
    }
    const lagMs = (left[0]?.startMs ?? 0) - (right[0]?.startMs ?? 0);
    // The way there and back is next to nothing, but the machine may be busy.
    assert.ok(lagMs >= -20 && lagMs <= 300, `the echo is ${lagMs} ms behind`);
  });

  it('is recorded from the moment on that is asked for', async () => {
    const events: MediaEvent[] = [];
    const session = await connected(events);
    session.play('up', 1);
    await seen(events, 'play-ended');
    const outcome = session.record(join(folder, 'b.wav'));
    await session.close();
    assert.equal((await outcome).isKept, true);
    assert.deepEqual(tonesOf(await readFile(join(folder, 'b.wav')), 1), []);
  });

  it('says so when it cannot be recorded, and goes on', async () => {
    const events: MediaEvent[] = [];
    const session = await connected(events);
    const outcome = await session.record(join(folder, 'nowhere/c.wav'));
    assert.ok(!outcome.isKept);
    assert.match(outcome.problem, /ENOENT/);
    session.play('up', 1);
    const end = await seen(events, 'play-ended');
    assert.deepEqual(end, { type: 'play-ended', promptKey: 'up', isComplete: true });
    await session.close();
    assert.deepEqual(await session.record(join(folder, 'd.wav')), { isKept: false, problem: 'the call was over' });
  });

  it('keeps what there is when its media thread dies, and the next one records again', async () => {
    const session = await connected();
    const file = join(folder, 'e.wav');
    const outcome = session.record(file);
    await until(() => existsSync(`${file}.part`) || null, { what: 'the recording to begin', timeoutMs: 20_000 });
    await workers[0]?.terminate();
    const cut = await outcome;
    assert.ok(cut.isKept);
    assert.match(cut.problem ?? '', /^its end is missing: media thread/);
    await until(() => (workers.length === 2 ? true : null), { what: 'a new thread', timeoutMs: 20_000 });
    const next = await connected();
    const again = next.record(join(folder, 'f.wav'));
    await next.close();
    assert.equal((await again).isKept, true);
    assert.deepEqual((await readdir(folder)).sort(), ['e.wav', 'f.wav']);
  });

  it('is kept as far as it came when the service closes', async () => {
    const session = await connected();
    const file = join(folder, 'g.wav');
    const outcome = session.record(file);
    await until(() => existsSync(`${file}.part`) || null, { what: 'the recording to begin', timeoutMs: 20_000 });
    await media.close();
    assert.equal((await outcome).isKept, true);
    assert.deepEqual(await readdir(folder), ['g.wav']);
  });
});
