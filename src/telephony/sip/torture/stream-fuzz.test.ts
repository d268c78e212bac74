import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteStream, ByteStreamObserver } from '../../../lib/byte-stream.ts';
import { type Random, seededRandom } from '../../../lib/random.ts';
import type { Hop } from '../endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from '../testing/endpoint-pair.ts';
import { StreamFramer, type StreamPart } from '../transport/stream-framer.ts';
import { fuzzCorpus } from './fuzz-corpus.ts';
import { Mutator } from './mutator.ts';
import { readEverything } from './read-everything.ts';

/** `SIP_FUZZ_COUNT=1000000 SIP_FUZZ_SEED=7` for a long run; a failure names its seed and number. */
const count = Number(process.env.SIP_FUZZ_COUNT ?? 100_000);
const seed = Number(process.env.SIP_FUZZ_SEED ?? 4475);

/** Several messages in a row, changed or not, as a peer with a fault might send them. */
function burst(mutator: Mutator, sound: readonly string[], random: Random): Buffer {
  const texts = Array.from({ length: 1 + Math.floor(random.float() * 4) }, () =>
    random.float() < 0.5 ? mutator.next() : (sound[Math.floor(random.float() * sound.length)] ?? ''),
  );
  return Buffer.from(texts.join(random.float() < 0.1 ? '\r\n\r\n' : ''), 'latin1');
}

function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const pieces: Buffer[] = [];
  const longest = random.float() < 0.3 ? 5 : 1_500;
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + Math.floor(random.float() * longest);
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}

const inWords = (part: StreamPart): string =>
  part.type === 'message'
    ? part.message.toString('latin1')
    : `${part.type}${part.type === 'broken' ? part.reason : ''}`;

test(`${count} messages in streams: the same in any pieces, nothing throws, and what is no message ends the stream`, () => {
  const random = seededRandom(seed);
  const sound = fuzzCorpus();
  const mutator = new Mutator(random, sound, 20_000);
  for (let number = 0; number < count; number += 2) {
    const bytes = burst(mutator, sound, random);
    try {
      const whole = new StreamFramer().push(bytes);
      const framer = new StreamFramer();
      const pieced = inPieces(bytes, random).flatMap((piece) => framer.push(piece));
      assert.deepEqual(pieced.map(inWords), whole.map(inWords));
      const broken = whole.findIndex((part) => part.type === 'broken');
      assert.ok(broken === -1 || broken === whole.length - 1);
      for (const part of whole) if (part.type === 'message') readEverything(part.message);
    } catch (cause) {
      const text = JSON.stringify(bytes.toString('latin1').slice(0, 2_000));
      throw new Error(`seed ${seed}, number ${number}: ${text}`, { cause });
    }
  }
});

test('streams of changed messages leave nothing behind in an endpoint, and its call goes on', () => {
  const bench = new SipBench();
  const random = seededRandom(seed + 1);
  const sound = fuzzCorpus();
  const mutator = new Mutator(random, sound, 2_000);
  const tcp: Hop = { ...calleeAddress, transport: 'tcp', tls: null };
  const callee = bench.endpoint(calleeAddress);
  const answered = [true];
  callee.onInvite((call) => (answered.shift() ? call.answer(answerSdp) : call.reject(486, 'Busy Here')));
  const { call, events } = dial(bench.endpoint(callerAddress), { hops: [tcp] });
  bench.clock.advance(50);
  const attacker = bench.streams.host({ address: '10.0.0.66', port: 5060 });
  let isClosed = true;
  let stream: ByteStream | null = null;
  const observer: ByteStreamObserver = {
    onConnected: () => undefined,
    onBytes: () => undefined,
    onClosed: () => {
      isClosed = true;
    },
  };
  for (let number = 0; number < 5_000; number++) {
    if (stream === null || isClosed) {
      stream = attacker.connect(tcp, observer);
      isClosed = false;
      bench.clock.advance(20);
    }
    for (const piece of inPieces(burst(mutator, sound, random), random)) stream.write(piece);
    bench.clock.advance(20);
  }
  stream?.close();
  bench.clock.advance(100_000);
  const { activeCalls, transactions, connections } = callee.figures();
  assert.deepEqual([activeCalls, transactions, connections], [1, 0, 1]);
  call.hangUp();
  bench.clock.advance(100);
  assert.deepEqual(
    events.map((event) => event.type),
    ['trying', 'answered', 'ended'],
  );
});
