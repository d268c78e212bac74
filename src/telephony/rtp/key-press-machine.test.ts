import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { idleKeys, type KeyPressInput, type KeyPressState, stepKeyPress } from './key-press-machine.ts';

type Packet = Omit<Extract<KeyPressInput, { type: 'packet' }>, 'nowMs'>;

/** As a sender numbers it that sends a packet every 20 ms. */
function packet(timestamp: number, event: number, duration: number, isEnd = false): Packet {
  const sequence = ((timestamp + duration) / 160) & 0xffff;
  return { type: 'packet', ssrc: 1, sequence, timestamp, event: { event, isEnd, duration } };
}

/** The packets of one press of `updates` updates of 20 ms and three end packets. */
function press(timestamp: number, event: number, updates: number): Packet[] {
  const running = Array.from({ length: updates }, (_, index) => packet(timestamp, event, (index + 1) * 160));
  const end = packet(timestamp, event, (updates + 1) * 160, true);
  return [...running, ...[0, 1, 2].map((repeat) => ({ ...end, sequence: end.sequence + repeat }))];
}

/** The packets of a gateway that moves the timestamp on with each one; `growth`: by how much the duration grows with each. */
function moving(timestamp: number, event: number, growth: 0 | 160): Packet[] {
  return Array.from({ length: 8 }, (_, index) => ({
    ...packet(timestamp + index * 160, event, 160 + Math.min(index, 5) * growth, index > 4),
    sequence: timestamp / 160 + index,
  }));
}

/** Runs packets 20 ms apart (or with pauses, given as numbers of ms), then lets a second pass. Gives `event/duration` per press. */
function run(inputs: readonly (Packet | number)[]): string[] {
  let state: KeyPressState = idleKeys;
  let nowMs = 1000;
  const presses: string[] = [];
  const step = (input: KeyPressInput): void => {
    const result = stepKeyPress(state, input);
    state = result.state;
    presses.push(...result.presses.map(({ event, duration }) => `${event}/${duration}`));
  };
  for (const input of inputs) {
    if (typeof input === 'number') {
      for (let passed = 0; passed < input; passed += 20) step({ type: 'time', nowMs: nowMs + passed });
      nowMs += input;
    } else {
      step({ ...input, nowMs });
      nowMs += 20;
    }
  }
  step({ type: 'time', nowMs: nowMs + 1000 });
  return presses;
}

const five = press(8000, 5, 3);

const table: readonly (readonly [name: string, inputs: readonly (Packet | number)[], presses: string[]])[] = [
  ['a press with three end packets', five, ['5/640']],
  ['only the end packets', five.slice(3), ['5/640']],
  ['a single end packet, very short', [packet(1, 11, 40, true)], ['11/40']],
  ['no end packet: concluded by time', five.slice(0, 3), ['5/480']],
  ['no end packet: concluded by the next press', [...five.slice(0, 3), ...press(9600, 6, 1)], ['5/480', '6/320']],
  ['end packets after the timeout do not count again', [...five.slice(0, 2), 400, ...five.slice(3)], ['5/320']],
  ['updates after the end packet do not count again', [...five, ...five.slice(0, 2)], ['5/640']],
  ['the same key twice', [...five, ...press(12_000, 5, 3)], ['5/640', '5/640']],
  [
    'the same key twice, both without end',
    [...five.slice(0, 2), ...press(12_000, 5, 3).slice(0, 2)],
    ['5/320', '5/320'],
  ],
  ['updates out of order keep the longest duration', [five[2], five[0], five[1]].flatMap((p) => p ?? []), ['5/480']],
  ['every packet twice', five.flatMap((p) => [p, p]), ['5/640']],
  [
    'a late end packet of the press before, in the middle of the next',
    [...five.slice(0, 4), packet(9600, 6, 160), ...five.slice(4), packet(9600, 6, 320, true)],
    ['5/640', '6/320'],
  ],
  [
    'a press of which everything came after the beginning of the next',
    [packet(9600, 6, 160), ...five.slice(3), packet(9600, 6, 320, true)],
    ['5/640', '6/320'],
  ],
  [
    'a far side that starts over: timestamps and sequence numbers from long ago',
    [...press(900_000, 6, 1), ...press(50_000, 5, 1), ...press(60_000, 6, 1)],
    ['6/320', '5/320', '6/320'],
  ],
  [
    'another source, whose sequence numbers happen to be a little older',
    [...press(8000, 5, 3), ...press(6400, 6, 3).map((p) => ({ ...p, ssrc: 2 }))],
    ['5/640', '6/640'],
  ],
  [
    'a key held while the source changes',
    [...five.slice(0, 2), ...five.slice(2).map((p) => ({ ...p, ssrc: 2 }))],
    ['5/640'],
  ],
  [
    'two presses of a key, the end of the first after the beginning of the second',
    [...five.slice(0, 3), packet(9600, 5, 160), ...five.slice(3), packet(9600, 5, 320), packet(9600, 5, 480, true)],
    ['5/480', '5/480'],
  ],
  [
    'two presses of a key, of the first only an end packet, and it comes late',
    [packet(9600, 5, 160), ...five.slice(4, 5), packet(9600, 5, 320, true)],
    ['5/640', '5/320'],
  ],
  [
    'two short presses of a key, 40 ms apart, without their ends',
    [packet(8000, 5, 160), packet(8000, 5, 320), 20, packet(8640, 5, 160), packet(8640, 5, 320)],
    ['5/320', '5/320'],
  ],
  [
    'two keys under one timestamp',
    [...press(8000, 5, 2), ...press(8000, 6, 2).map((p) => ({ ...p, sequence: p.sequence + 9 }))],
    ['5/480', '6/480'],
  ],
  ['a first packet of duration 0', [packet(8000, 5, 0), ...five.slice(1)], ['5/640']],
  ['only the first packet, of duration 0', [packet(8000, 5, 0)], ['5/0']],
  ['a gateway that moves the timestamp with each packet', moving(8000, 5, 160), ['5/960']],
  ['the same, two keys', [...moving(8000, 5, 160), 40, ...moving(16_000, 5, 160)], ['5/960', '5/960']],
  [
    'the same, with losses, copies and in disorder',
    [4, 2, 2, 0, 6, 5, 1, 7].flatMap((index) => moving(8000, 5, 160)[index] ?? []),
    ['5/960'],
  ],
  ['the same, most packets lost', [0, 3, 7].flatMap((index) => moving(8000, 5, 160)[index] ?? []), ['5/960']],
  ['a gateway that moves the timestamp, with durations of one packet', moving(8000, 5, 0), ['5/960']],
  ['the same, in disorder', [1, 0, 3, 2, 4, 6, 5, 7].flatMap((index) => moving(8000, 5, 0)[index] ?? []), ['5/1120']],
  [
    'a gateway that moves the timestamp of the end packets only',
    [...five.slice(0, 3), ...[0, 1, 2].map((n) => packet(8480 + n * 160, 5, 640, true))],
    ['5/640'],
  ],
  ['timestamps that wrap', [...press(0xfffffff0, 1, 1), ...press(0x100, 2, 1)], ['1/320', '2/320']],
  [
    'a press of more than 8 s, which changes its timestamp',
    [packet(0, 7, 0xff00), packet(0, 7, 0xffff), packet(0xffff, 7, 800), packet(0xffff, 7, 1600, true)],
    ['7/67135'],
  ],
  [
    'the same, the last packet of the first segment lost',
    [packet(0, 7, 0xff90), packet(0xffff, 7, 160), packet(0xffff, 7, 320, true)],
    ['7/65855'],
  ],
  [
    'the same, the segments crossing',
    [packet(0, 7, 0xff00), packet(0xffff, 7, 800), packet(0, 7, 0xffff), packet(0xffff, 7, 1600, true)],
    ['7/67135'],
  ],
  [
    'a slow sender: updates 150 ms apart',
    [packet(0, 3, 160), 130, packet(0, 3, 1360), 130, packet(0, 3, 2560, true)],
    ['3/2560'],
  ],
];

describe('key press machine', () => {
  for (const [name, inputs, presses] of table) it(name, () => assert.deepEqual(run(inputs), presses));

  it('counts every press once, in order, whatever is lost or repeated', () => {
    const digits = fc.array(fc.record({ event: fc.nat({ max: 15 }), updates: fc.nat({ max: 6 }) }), { maxLength: 12 });
    fc.assert(
      fc.property(digits, fc.nat({ max: 0xffffffff }), fc.infiniteStream(fc.nat({ max: 9 })), (keys, base, chance) => {
        const inputs = keys.flatMap(({ event, updates }, index) => {
          const packets = press((base + index * 4000) >>> 0, event, updates);
          const kept = packets.flatMap((each) => {
            const fate = chance.next().value;
            return fate < 4 ? [] : fate === 9 ? [each, each] : [each];
          });
          // At least one packet of every press arrives.
          return [...(kept.length === 0 ? packets.slice(-1) : kept), 100];
        });
        assert.deepEqual(
          run(inputs).map((text) => Number.parseInt(text, 10)),
          keys.map((key) => key.event),
        );
      }),
    );
  });
});
