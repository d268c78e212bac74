import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallEngine, DialRequest, TrunkTarget } from '../../src/call/engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom, systemRandom } from '../../src/lib/random.ts';
import { type Carrier, createSimulatedCarrier } from '../../src/simulator/carrier.ts';
import { type CarrierLedger, createCarrierLedger, type LedgerLine } from '../../src/simulator/carrier-ledger.ts';
import { answering, type Reaction, refusing, ringingForever } from '../../src/simulator/reaction.ts';
import { generateTones } from '../../src/telephony/audio/tones.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import { ObservedLeg } from './observed-leg.ts';
import { describeAudio, ScriptedPhone } from './scripted-phone.ts';
import { heardTones } from './tone.ts';
import { trunkTarget } from './trunk-target.ts';
import { decodeStereoWav } from './wav.ts';

/** What a call engine is tested with: the real thing, on this machine's loopback. */
export type EngineUnderTest = {
  /** Closed after the test. A call to nobody should end within seconds. */
  readonly engine: CallEngine;
};

const pressing = answering({ ringAfterMs: 20, answerAfterMs: 50, key: { digit: '5', afterSoundMs: 300 } });
const leaving = answering({ ringAfterMs: 20, answerAfterMs: 50, hangUpAfterSoundMs: 200 });

/** Whom each number reaches. */
const people: Readonly<Record<string, Reaction>> = {
  '1001': pressing,
  '1002': leaving,
  '1003': ringingForever(20),
  '1004': refusing('busy', { ringAfterMs: null, afterMs: 10 }, { status: 486, reason: 'Busy Here' }),
  '1005': refusing('unreachable', { ringAfterMs: null, afterMs: 10 }, { status: 404, reason: 'Not Found' }),
  '1006': refusing('rings-out', { ringAfterMs: 10, afterMs: 30 }, { status: 480, reason: 'Temporarily Unavailable' }),
  '1007': refusing('unreachable', { ringAfterMs: null, afterMs: 10 }, { status: 503, reason: 'Service Unavailable' }),
  '1008': refusing('declines', { ringAfterMs: 10, afterMs: 30 }, { status: 603, reason: 'Decline' }),
};

const credentials = { username: 'acme', password: 'secret' };
const prompt = {
  promptKey: 'tone',
  pcm: generateTones([{ frequencyHz: 700, durationMs: 500 }], 16_000),
  sampleRate: 16_000,
};

type FarSide = { readonly carrier: Carrier; readonly lines: readonly LedgerLine[] };

/** A carrier that keeps its ledger's lines for the test to read. */
async function openCarrier(withPassword: boolean): Promise<FarSide> {
  const endpoint = await createSipEndpoint({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'carrier',
  });
  const lines: LedgerLine[] = [];
  const counts = createCarrierLedger(null);
  const ledger: CarrierLedger = {
    ...counts,
    write(line) {
      lines.push(line);
      counts.write(line);
    },
  };
  const carrier = createSimulatedCarrier({
    endpoint,
    rtpHost: '127.0.0.1',
    rtpPorts: { first: 17_000, last: 17_998 },
    react: (number) => people[number] ?? assert.fail(`nobody has the number ${number}`),
    ledger,
    credentials: withPassword ? credentials : null,
    random: seededRandom(1),
    clock: systemClock,
    logger: silentLogger(),
  });
  return { carrier, lines };
}

/** What the tests share: a carrier for all of them, an engine for each. */
class Bench {
  readonly #open: () => Promise<EngineUnderTest>;
  #far: FarSide | null = null;
  #tested: EngineUnderTest | null = null;
  #calls = 0;

  constructor(open: () => Promise<EngineUnderTest>) {
    this.#open = open;
  }

  get far(): FarSide {
    assert.ok(this.#far !== null, 'the carrier is open');
    return this.#far;
  }

  async openFar(): Promise<void> {
    this.#far = await openCarrier(false);
  }

  async open(): Promise<EngineUnderTest> {
    this.#tested = await this.#open();
    return this.#tested;
  }

  async close(): Promise<void> {
    await this.#tested?.engine.close();
  }

  /** The trunk to the shared carrier. */
  trunk(): TrunkTarget {
    return trunkTarget({ port: this.far.carrier.address.port });
  }

  /** Opens an engine and dials. */
  async dial(number: string, changes: Partial<DialRequest> = {}): Promise<ObservedLeg> {
    const { engine } = await this.open();
    await engine.loadPrompt(prompt);
    this.#calls += 1;
    return new ObservedLeg(engine, {
      sipCallId: `contract-${process.pid}-${this.#calls}`,
      trunk: this.trunk(),
      number,
      displayNum: '1000',
      ringTimeoutMs: 10_000,
      ...changes,
    });
  }

  /** What the carrier wrote at the end of the latest call; waits until it is there. */
  async farEnd(): Promise<Extract<LedgerLine, { event: 'end' }>> {
    for (;;) {
      const last = this.far.lines.at(-1);
      if (last?.event === 'end') return last;
      await delay(5);
    }
  }
}

/** The suite that every {@link CallEngine} passes. `open` is called once for each test. */
export function testCallEngine(name: string, open: () => Promise<EngineUnderTest>): void {
  describe(`call engine contract: ${name}`, { timeout: 300_000 }, () => {
    const bench = new Bench(open);
    before(() => bench.openFar());
    after(() => bench.far.carrier.close());
    afterEach(() => bench.close());
    testAnswered(bench);
    testRecording(bench);
    testPasswords(bench);
    testRefusals(bench);
    testEnds(bench);
    testHold(bench);
    testWhole(bench);
  });
}

/** Calls that are answered. */
function testAnswered(bench: Bench): void {
  it('carries an answered call: ringing, audio both ways, a key, our hang-up', async () => {
    const call = await bench.dial('1001');
    await call.until('answered');
    call.leg.play('tone', 3);
    const digit = await call.until('digit');
    const played = await call.until('play-ended');
    call.leg.hangUp();
    call.leg.hangUp();
    const end = await call.end();
    assert.deepEqual([digit.digit, digit.source], ['5', 'rfc4733']);
    assert.deepEqual(played, { type: 'play-ended', promptKey: 'tone', isComplete: true });
    assert.deepEqual(call.events[0], { type: 'ringing', sipStatus: 180, hasEarlyMedia: false });
    assert.deepEqual(call.types, ['ringing', 'answered', 'media-started', 'digit', 'play-ended', 'ended']);
    assert.partialDeepStrictEqual(end, { cause: 'local-hangup', hasRung: true, isAnswered: true, sipStatus: 200 });
    // Half a second three times, in packets of 20 ms.
    assert.ok(
      (end.media?.packetsSent ?? 0) >= 75 && (end.media?.packetsReceived ?? 0) >= 15,
      JSON.stringify(end.media),
    );
    const seen = await bench.farEnd();
    assert.partialDeepStrictEqual(seen, { status: 200, heardSound: true, digit: '5' });
    assert.ok((seen.rtpPackets ?? 0) >= 75);
  });

  it('ends a playback early when told so', async () => {
    const call = await bench.dial('1001');
    await call.until('media-started');
    call.leg.play('tone', 9);
    await call.until('digit');
    call.leg.stopPlay();
    assert.partialDeepStrictEqual(await call.until('play-ended'), { isComplete: false });
    call.leg.hangUp();
    assert.equal((await call.end()).cause, 'local-hangup');
  });
}

/** Recordings. */
function testRecording(bench: Bench): void {
  it('records both sides from when it is told so to the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'carillon-contract-'));
    const file = join(folder, 'call.wav');
    const call = await bench.dial('1001');
    await call.until('answered');
    const recording = call.leg.record(file);
    call.leg.play('tone', 2);
    await call.until('play-ended');
    call.leg.hangUp();
    await call.end();
    const outcome = await recording;
    assert.partialDeepStrictEqual(outcome, { isKept: true, problem: null });
    const { left, right, sampleRate } = decodeStereoWav(await readFile(file));
    assert.deepEqual(await readdir(folder), ['call.wav']);
    await rm(folder, { recursive: true });
    assert.ok(
      left.some((sample) => Math.abs(sample) > 1000),
      'the callee is heard',
    );
    assert.ok(heardTones({ pcm: right, sampleRate }, [700]).length > 0, 'we are heard');
  });

  it('says that there is nothing to record before the answer and after the end', async () => {
    const call = await bench.dial('1003');
    const over = { isKept: false, problem: 'the call was over' };
    assert.deepEqual(await call.leg.record('/nowhere/call.wav'), over);
    call.leg.hangUp();
    await call.end();
    assert.deepEqual(await call.leg.record('/nowhere/call.wav'), over);
  });
}

/** Trunks that ask for a password. */
function testPasswords(bench: Bench): void {
  it('answers the trunk that asks for a password', async () => {
    const asking = await openCarrier(true);
    try {
      const trunk = trunkTarget({ port: asking.carrier.address.port, ...credentials });
      const call = await bench.dial('1004', { trunk });
      assert.partialDeepStrictEqual(await call.end(), { cause: 'rejected', sipStatus: 486 });
      assert.equal(asking.lines.length, 2);
    } finally {
      await asking.carrier.close();
    }
  });

  it('gives up where the password is wrong', async () => {
    const asking = await openCarrier(true);
    try {
      const trunk = trunkTarget({ port: asking.carrier.address.port, ...credentials, password: 'wrong' });
      const end = await (await bench.dial('1004', { trunk })).end();
      assert.partialDeepStrictEqual(end, { cause: 'rejected', sipStatus: 407, hasRung: false });
      assert.equal(asking.lines.length, 0);
    } finally {
      await asking.carrier.close();
    }
  });
}

/** Calls that are not answered. */
function testRefusals(bench: Bench): void {
  const refusals: [string, number, boolean][] = [
    ['1004', 486, false],
    ['1005', 404, false],
    ['1006', 480, true],
    ['1007', 503, false],
    ['1008', 603, true],
  ];
  for (const [number, status, hasRung] of refusals) {
    it(`reports a refusal with ${status} ${hasRung ? 'after' : 'without'} ringing`, async () => {
      const call = await bench.dial(number);
      const end = await call.end();
      assert.partialDeepStrictEqual(end, {
        cause: 'rejected',
        sipStatus: status,
        hasRung,
        isAnswered: false,
        media: null,
        machine: null,
      });
      assert.notEqual(end.reason, '');
      assert.deepEqual(call.types, hasRung ? ['ringing', 'ended'] : ['ended']);
    });
  }

  it('cancels what nobody answers', async () => {
    const call = await bench.dial('1003', { ringTimeoutMs: 300 });
    const end = await call.end();
    assert.partialDeepStrictEqual(end, { cause: 'ring-timeout', hasRung: true, isAnswered: false, sipStatus: 487 });
    assert.equal((await bench.farEnd()).status, 487);
  });

  it('cancels when told to while it rings', async () => {
    const call = await bench.dial('1003');
    await call.until('ringing');
    call.leg.hangUp();
    assert.partialDeepStrictEqual(await call.end(), { cause: 'local-hangup', hasRung: true, isAnswered: false });
    assert.equal((await bench.farEnd()).status, 487);
  });

  it('ends when told to before anything happened', async () => {
    const call = await bench.dial('1001');
    call.leg.hangUp();
    assert.partialDeepStrictEqual(await call.end(), { cause: 'local-hangup', isAnswered: false });
    assert.deepEqual(
      call.types.filter((type) => type !== 'ringing'),
      ['ended'],
    );
  });
}

/** Calls that end otherwise. */
function testEnds(bench: Bench): void {
  it('reports the far hang-up', async () => {
    const call = await bench.dial('1002');
    await call.until('answered');
    call.leg.play('tone', 9);
    const end = await call.end();
    assert.partialDeepStrictEqual(end, { cause: 'remote-hangup', isAnswered: true, sipStatus: 200 });
    assert.equal(call.types.at(-1), 'ended');
  });

  it('ends a call to a port where nobody is', async () => {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    const { port } = socket.address();
    socket.close();
    const call = await bench.dial('1001', { trunk: trunkTarget({ port }) });
    const end = await call.end();
    assert.ok(end.cause === 'no-response' || end.cause === 'transport-error', end.cause);
    assert.partialDeepStrictEqual(end, { hasRung: false, isAnswered: false, sipStatus: null });
  });

  it('hangs up on an answer without usable media', async () => {
    const phone = await ScriptedPhone.open(() => describeAudio(0));
    try {
      const call = await bench.dial('1001', { trunk: trunkTarget({ port: phone.port }) });
      assert.partialDeepStrictEqual(await call.end(), { cause: 'media-failed', isAnswered: false, sipStatus: 200 });
      await phone.received(/^BYE /);
    } finally {
      phone.close();
    }
  });
}

/** Calls that the far side changes. */
function testHold(bench: Bench): void {
  it('stops sending while it is on hold and goes on afterwards', async () => {
    const phone = await ScriptedPhone.open();
    try {
      const call = await bench.dial('1001', { trunk: trunkTarget({ port: phone.port }) });
      await call.until('answered');
      call.leg.play('tone', 9);
      await packetsAbove(phone, 0);
      const held = await phone.reinvite(describeAudio(phone.rtpPort, 'a=sendonly'));
      assert.match(held.startLine, /^SIP\/2\.0 200 /);
      assert.match(held.body, /a=recvonly/);
      await silence(phone);
      const resumed = await phone.reinvite(describeAudio(phone.rtpPort));
      assert.match(resumed.body, /a=sendrecv/);
      await packetsAbove(phone, phone.rtpPackets);
      const refused = await phone.reinvite(describeAudio(phone.rtpPort).replace('RTP/AVP 8 97', 'RTP/AVP 18 97'));
      assert.match(refused.startLine, /^SIP\/2\.0 488 /);
      call.leg.hangUp();
      assert.equal((await call.end()).cause, 'local-hangup');
    } finally {
      phone.close();
    }
  });
}

/** The engine as a whole. */
function testWhole(bench: Bench): void {
  it('hangs up every call when it closes', async () => {
    const answered = await bench.dial('1001');
    await answered.until('media-started');
    await bench.close();
    assert.partialDeepStrictEqual(await answered.end(), { cause: 'engine-closed', isAnswered: true });
    assert.equal((await bench.farEnd()).status, 200);
  });

  it('asks a trunk whether it is there', async () => {
    const tested = await bench.open();
    assert.equal(await tested.engine.probe(bench.trunk(), new AbortController().signal), 200);
    assert.equal(await tested.engine.probe(trunkTarget({ port: 9 }), AbortSignal.timeout(100)), null);
  });
}

async function packetsAbove(phone: ScriptedPhone, count: number): Promise<void> {
  while (phone.rtpPackets <= count) await delay(10);
}

/** Resolves when nothing came for ten packet times. */
async function silence(phone: ScriptedPhone): Promise<void> {
  for (let before = -1; before !== phone.rtpPackets; ) {
    before = phone.rtpPackets;
    await delay(200);
  }
}
