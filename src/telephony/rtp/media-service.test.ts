import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { after, before, describe, it } from 'node:test';
import { systemClock } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import { findTones, generateTones } from '../audio/tones.ts';
import { createMediaService } from './media-service.ts';
import type { MediaEvent, MediaService, MediaSession, RemoteMedia } from './media-types.ts';
import { type MediaWorker, type MediaWorkerObserver, startMediaWorker } from './media-worker.ts';
import { SrtpProtector } from './srtp/srtp-protector.ts';
import type { SrtpKey } from './srtp/srtp-suite.ts';
import { SrtpUnprotector } from './srtp/srtp-unprotector.ts';

const host = '127.0.0.1';
const frequenciesHz = [440, 700, 1000, 1400, 1900];

function remoteAt(port: number, change: Partial<RemoteMedia> = {}): RemoteMedia {
  return {
    address: host,
    port,
    codec: 'PCMA',
    payloadType: 8,
    eventPayloadType: 101,
    ptimeMs: 20,
    canSend: true,
    ...change,
  };
}

function keyOf(fill: number): SrtpKey {
  return { suite: 'AES_CM_128_HMAC_SHA1_80', masterKey: Buffer.alloc(30, fill) };
}

/** Collects the events of a session, and lets a test wait for one. */
class EventLog {
  events: MediaEvent[] = [];
  #waiters: { type: string; resolve: (event: MediaEvent) => void }[] = [];

  readonly observe = (event: MediaEvent): void => {
    this.events.push(event);
    const due = this.#waiters.filter((waiter) => waiter.type === event.type);
    this.#waiters = this.#waiters.filter((waiter) => waiter.type !== event.type);
    for (const waiter of due) waiter.resolve(event);
  };

  waitFor(type: MediaEvent['type']): Promise<MediaEvent> {
    const seen = this.events.find((event) => event.type === type);
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve) => this.#waiters.push({ type, resolve }));
  }
}

/** A port range that this process is unlikely to share with anybody: bound once by the system, then let go. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return Math.min(60_000, port) & ~1;
}

describe('two media services over loopback', () => {
  let left: MediaService;
  let right: MediaService;

  before(async () => {
    const first = await freePort();
    const logger = silentLogger();
    left = await createMediaService({ hosts: [host], portRange: { first, last: first + 199 }, threads: 2, logger });
    right = await createMediaService({
      hosts: [host],
      portRange: { first: first + 200, last: first + 399 },
      threads: 1,
      logger,
    });
    const melody = (...tones: number[]) =>
      generateTones(
        tones.map((frequencyHz) => ({ frequencyHz, durationMs: 200 })),
        16_000,
      );
    await left.loadPrompt({ promptKey: 'up', pcm: melody(440, 700, 1000), sampleRate: 16_000 });
    await right.loadPrompt({ promptKey: 'down', pcm: melody(1900, 1400), sampleRate: 16_000 });
  });

  after(async () => {
    await Promise.all([left.close(), right.close()]);
  });

  async function openPair(): Promise<{ a: MediaSession; b: MediaSession; logA: EventLog; logB: EventLog }> {
    const logA = new EventLog();
    const logB = new EventLog();
    const a = await left.open(logA.observe, { captureMs: 5000 });
    const b = await right.open(logB.observe, { captureMs: 5000 });
    return { a, b, logA, logB };
  }

  /** The tones in order. A machine that stops for a moment may cut a tone in two; that is not what is asked here. */
  const heard = async (session: MediaSession): Promise<number[]> => {
    const tones = findTones(await session.captured(), { sampleRate: 8000, frequenciesHz });
    return tones.map((tone) => tone.frequencyHz).filter((tone, index, all) => tone !== all[index - 1]);
  };

  it('carry prompts both ways, loops without a gap, and lose nothing', async () => {
    const { a, b, logA, logB } = await openPair();
    assert.equal(a.localPort % 2, 0);
    a.connect(remoteAt(b.localPort));
    b.connect(remoteAt(a.localPort));
    await Promise.all([logA.waitFor('first-packet'), logB.waitFor('first-packet')]);
    a.play('up', 2);
    b.play('down', 1);
    const [endA, endB] = await Promise.all([logA.waitFor('play-ended'), logB.waitFor('play-ended')]);
    assert.deepEqual(endA, { type: 'play-ended', promptKey: 'up', isComplete: true });
    assert.deepEqual(endB, { type: 'play-ended', promptKey: 'down', isComplete: true });
    assert.deepEqual(await heard(b), [440, 700, 1000, 440, 700, 1000]);
    assert.deepEqual(await heard(a), [1900, 1400]);
    const statsA = await a.close();
    const statsB = await b.close();
    assert.equal(statsA.packetsLost, 0);
    assert.equal(statsB.packetsLost, 0);
    assert.ok(statsB.packetsReceived >= 60, `1.2 s are 60 packets: ${statsB.packetsReceived}`);
    assert.deepEqual(await heard(b), [440, 700, 1000, 440, 700, 1000], 'the capture outlives the session');
    assert.deepEqual(await a.close(), statsA, 'close is idempotent');
  });

  it('pass digits, also the same one twice', async () => {
    const { a, b, logA, logB } = await openPair();
    a.connect(remoteAt(b.localPort));
    b.connect(remoteAt(a.localPort));
    await logB.waitFor('first-packet');
    for (const digit of ['1', '1', '#']) a.sendDigit(digit, 60);
    a.play('up', 1);
    await logA.waitFor('play-ended');
    const digits = logB.events.filter((event) => event.type === 'digit');
    assert.deepEqual(digits, [
      { type: 'digit', digit: '1', durationMs: 60, source: 'rfc4733' },
      { type: 'digit', digit: '1', durationMs: 60, source: 'rfc4733' },
      { type: 'digit', digit: '#', durationMs: 60, source: 'rfc4733' },
    ]);
    await Promise.all([a.close(), b.close()]);
  });

  it('play what was asked for before the connection, in u-law and packets of 30 ms', async () => {
    const { a, b, logA } = await openPair();
    const ulaw = { codec: 'PCMU', payloadType: 0, ptimeMs: 30 } as const;
    a.play('up', 1);
    b.connect(remoteAt(a.localPort, ulaw));
    a.connect(remoteAt(b.localPort, ulaw));
    await logA.waitFor('play-ended');
    assert.deepEqual(await heard(b), [440, 700, 1000]);
    await Promise.all([a.close(), b.close()]);
  });

  it('send silence from the beginning, in packets of the negotiated length, and take a re-offer', async () => {
    const log = new EventLog();
    const session = await left.open(log.observe);
    const [first, second] = [createSocket('udp4').unref(), createSocket('udp4').unref()];
    await Promise.all([first, second].map((socket) => new Promise<void>((done) => socket.bind(0, host, done))));
    const packetTo = (socket: Socket) => new Promise<Buffer>((resolve) => socket.once('message', resolve));
    const ulaw = { codec: 'PCMU', payloadType: 0, ptimeMs: 30 } as const;

    session.connect(remoteAt(first.address().port, ulaw));
    const packet = await packetTo(first);
    assert.deepEqual([packet.length, packet[1]], [12 + 240, 0x80], 'marked, payload type 0');
    assert.ok(packet.subarray(12).every((code) => code === 0xff));
    first.send(packet, session.localPort, host);
    await log.waitFor('first-packet');
    // Somebody else, after the far side is known: not counted below.
    await new Promise((done) => second.send(packet, session.localPort, host, done));

    session.connect(remoteAt(second.address().port, { ptimeMs: 20 }));
    const reoffered = await packetTo(second);
    assert.deepEqual([reoffered.length, (reoffered[1] ?? 0) & 0x7f], [12 + 160, 8]);
    assert.deepEqual(reoffered.subarray(8, 12), packet.subarray(8, 12), 'the same SSRC');
    assert.equal((await session.close()).packetsReceived, 1);
    for (const socket of [first, second]) await new Promise<void>((done) => socket.close(done));
  });

  it('latch onto the real source when the announced address is wrong', async () => {
    const { a, b, logA, logB } = await openPair();
    b.connect(remoteAt(a.localPort));
    a.connect(remoteAt(9, {}));
    await logA.waitFor('first-packet');
    a.play('up', 1);
    await logA.waitFor('play-ended');
    assert.deepEqual(await heard(b), [440, 700, 1000]);
    assert.ok(logB.events.some((event) => event.type === 'first-packet'));
    const elsewhere = { type: 'elsewhere', announced: `${host}:9`, actual: `${host}:${b.localPort}` };
    assert.deepEqual(
      logA.events.filter((event) => event.type === 'elsewhere'),
      [elsewhere],
    );
    assert.ok(!logB.events.some((event) => event.type === 'elsewhere'));
    await Promise.all([a.close(), b.close()]);
  });

  it('encrypt both ways', async () => {
    const { a, b, logA, logB } = await openPair();
    a.connect(remoteAt(b.localPort, { srtp: { send: keyOf(1), receive: keyOf(2) } }));
    b.connect(remoteAt(a.localPort, { srtp: { send: keyOf(2), receive: keyOf(1) } }));
    await Promise.all([logA.waitFor('first-packet'), logB.waitFor('first-packet')]);
    a.sendDigit('5', 60);
    a.play('up', 1);
    b.play('down', 1);
    await Promise.all([logA.waitFor('play-ended'), logB.waitFor('play-ended')]);
    assert.equal(logB.events.filter((event) => event.type === 'digit').length, 1);
    assert.deepEqual(await heard(b), [440, 700, 1000]);
    assert.deepEqual(await heard(a), [1900, 1400]);
    await Promise.all([a.close(), b.close()]);
  });

  it('send nothing in clear where there are keys, and hear nobody without them', async () => {
    const log = new EventLog();
    const session = await left.open(log.observe);
    const far = createSocket('udp4').unref();
    await new Promise<void>((done) => far.bind(0, host, done));
    const packet = () => new Promise<Buffer>((resolve) => far.once('message', resolve));
    const srtp = { send: keyOf(1), receive: keyOf(2) };
    session.connect(remoteAt(far.address().port, { srtp }));
    const sent = await packet();
    assert.equal(sent.length, 12 + 160 + 10);
    const clear = new SrtpUnprotector(srtp.send).unprotect(Buffer.from(sent)) ?? assert.fail('it is authentic');
    assert.ok(
      clear.subarray(12).every((code) => code === 0xd5),
      'silence',
    );
    for (const wrong of [clear, sent]) {
      await new Promise((done) => far.send(wrong, session.localPort, host, done));
    }
    const right = new SrtpProtector(srtp.receive).protect(clear);
    await new Promise((done) => far.send(right, session.localPort, host, done));
    await log.waitFor('first-packet');
    assert.equal((await session.close()).packetsReceived, 1);
    await new Promise<void>((done) => far.close(done));
  });

  it('stopPlay and an unknown prompt end incomplete; nothing is heard after stop', async () => {
    const { a, b, logA, logB } = await openPair();
    a.connect(remoteAt(b.localPort));
    b.connect(remoteAt(a.localPort));
    await logB.waitFor('first-packet');
    a.play('up', 100);
    a.stopPlay();
    assert.deepEqual(await logA.waitFor('play-ended'), { type: 'play-ended', promptKey: 'up', isComplete: false });
    logA.events = [];
    a.play('no such prompt', 1);
    assert.deepEqual(await logA.waitFor('play-ended'), {
      type: 'play-ended',
      promptKey: 'no such prompt',
      isComplete: false,
    });
    assert.deepEqual(await heard(b), []);
    await a.close();
    await b.close();
  });

  it('report figures per thread', async () => {
    const figures = await left.figures();
    assert.equal(figures.length, 2);
    assert.ok(figures.reduce((sum, figure) => sum + figure.packetsSent, 0) > 0);
    assert.equal(
      figures.reduce((sum, figure) => sum + figure.sessions, 0),
      0,
    );
  });
});

describe('a media service', () => {
  it('has ports on an address of each family, and carries audio on either', async () => {
    const first = await freePort();
    const service = await createMediaService({
      hosts: [host, '::1'],
      portRange: { first, last: first + 9 },
      threads: 1,
      logger: silentLogger(),
    });
    for (const [address, family] of [
      [host, undefined],
      [host, 4],
      ['::1', 6],
    ] as const) {
      const [one, other] = [new EventLog(), new EventLog()];
      const options = family === undefined ? {} : { family };
      const a = await service.open(one.observe, options);
      const b = await service.open(other.observe, options);
      a.connect(remoteAt(b.localPort, { address }));
      b.connect(remoteAt(a.localPort, { address }));
      await Promise.all([one.waitFor('first-packet'), other.waitFor('first-packet')]);
      assert.ok((await a.close()).packetsReceived > 0 && (await b.close()).packetsReceived > 0);
    }
    assert.equal(service.room, 1, 'four of the five IPv4 ports rest');
    await service.close();
  });

  it('says that it has no address of a family', async () => {
    const service = await createMediaService({
      hosts: [host],
      portRange: { first: 40_000, last: 40_003 },
      threads: 1,
      logger: silentLogger(),
    });
    await assert.rejects(
      service.open(() => undefined, { family: 6 }),
      (error) => error instanceof InfrastructureError && !error.retryable && /over IPv6/.test(error.message),
    );
    await service.close();
  });

  it('goes on to the next port when one is taken, and refuses retryably when none is left', async () => {
    const first = await freePort();
    const occupant = createSocket('udp4');
    await new Promise<void>((resolve) => occupant.bind(first, host, resolve));
    const service = await createMediaService({
      hosts: [host],
      portRange: { first, last: first + 3 },
      threads: 1,
      logger: silentLogger(),
    });
    const session = await service.open(() => undefined);
    assert.equal(session.localPort, first + 2);
    await assert.rejects(
      service.open(() => undefined),
      (error) => error instanceof InfrastructureError && error.retryable,
    );
    await service.close();
    await new Promise<void>((resolve) => occupant.close(resolve));
  });

  it('keeps sockets bound between sessions, lets them rest, and keeps what comes late from the next session', async () => {
    const first = await freePort();
    let restedMs = 0;
    const service = await createMediaService({
      hosts: [host],
      portRange: { first, last: first + 1 },
      threads: 1,
      logger: silentLogger(),
      clock: { ...systemClock, monotonic: () => restedMs },
    });
    const far = createSocket('udp4');
    await new Promise<void>((resolve) => far.bind(0, host, resolve));
    const packet = () => new Promise<Buffer>((resolve) => far.once('message', resolve));

    const unanswered = await service.open(() => undefined);
    assert.equal((await unanswered.close()).packetsSent, 0);
    await assert.rejects(
      service.open(() => undefined),
      /no RTP port is free/,
      'its port was offered and rests like any other',
    );
    restedMs += 5000;

    const log = new EventLog();
    const connected = await service.open(log.observe);
    connected.connect(remoteAt(far.address().port));
    const sent = await packet();
    far.send(sent, first, host);
    await log.waitFor('first-packet');
    assert.equal((await connected.close()).packetsReceived, 1);
    restedMs += 5000;
    // Late, from the old far side, to the socket that waits for its next session.
    await new Promise((resolve) => far.send(sent, first, host, resolve));
    // Two turns of the thread: the packet is read by then.
    await service.figures();
    await service.figures();

    const next = new EventLog();
    const session = await service.open(next.observe);
    session.connect(remoteAt(far.address().port));
    await packet();
    assert.deepEqual(next.events, []);
    far.send(sent, first, host);
    await next.waitFor('first-packet');
    assert.equal((await session.close()).packetsReceived, 1);
    await service.close();
    await new Promise<void>((resolve) => far.close(resolve));
  });

  it('says nothing to its thread for a session that is never connected, once its socket is bound', async () => {
    const posted: string[] = [];
    const worker = (observer: MediaWorkerObserver): MediaWorker => ({
      post(message) {
        posted.push(message.type);
        if (message.type === 'bind') setImmediate(() => observer.onMessage({ type: 'bound', at: message.at }));
      },
      terminate: async () => undefined,
    });
    const service = await createMediaService({
      hosts: [host],
      portRange: { first: 40_000, last: 40_003 },
      threads: 1,
      logger: silentLogger(),
      portDrainMs: 0,
      startWorker: worker,
    });
    for (let calls = 0; calls < 10; calls += 1) {
      const session = await service.open(() => undefined);
      await session.close();
    }
    assert.deepEqual(posted, ['bind']);
    await service.close();
  });

  it('survives the death of a thread: its sessions fail, the others and new ones work', async () => {
    const first = await freePort();
    const workers: MediaWorker[] = [];
    const service = await createMediaService({
      hosts: [host],
      portRange: { first, last: first + 39 },
      threads: 2,
      logger: silentLogger(),
      startWorker: (observer) => {
        const worker = startMediaWorker(observer, { tickMs: 5, sockets: 'system calls' });
        workers.push(worker);
        return worker;
      },
    });
    await service.loadPrompt({
      promptKey: 'tone',
      pcm: generateTones([{ frequencyHz: 440, durationMs: 200 }], 8000),
      sampleRate: 8000,
    });
    const lost = new EventLog();
    const kept = new EventLog();
    const lostSession = await service.open(lost.observe);
    const keptSession = await service.open(kept.observe, { captureMs: 2000 });
    await workers[0]?.terminate();
    assert.equal((await lost.waitFor('failed')).type, 'failed');
    assert.equal((await lostSession.close()).packetsSent, 0);

    const fresh = new EventLog();
    const freshSession = await service.open(fresh.observe);
    keptSession.connect(remoteAt(freshSession.localPort));
    freshSession.connect(remoteAt(keptSession.localPort));
    freshSession.play('tone', 1);
    await fresh.waitFor('play-ended');
    const tones = findTones(await keptSession.captured(), { sampleRate: 8000, frequenciesHz });
    assert.ok(tones.length > 0 && tones.every((tone) => tone.frequencyHz === 440));
    assert.deepEqual(
      kept.events.filter((event) => event.type === 'failed'),
      [],
    );
    await service.close();
  });

  it('refuses a host that is not an address, and a prompt without samples', async () => {
    const logger = silentLogger();
    const portRange = { first: 40_000, last: 40_010 };
    await assert.rejects(
      createMediaService({ hosts: ['localhost'], portRange, threads: 1, logger }),
      /RTP host is not an IP address/,
    );
    const service = await createMediaService({ hosts: [host], portRange, threads: 1, logger });
    await assert.rejects(
      service.loadPrompt({ promptKey: 'empty', pcm: new Int16Array(0), sampleRate: 8000 }),
      /no samples/,
    );
    await service.close();
  });
});
