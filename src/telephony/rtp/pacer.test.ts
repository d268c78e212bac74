import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Paced, Pacer } from './pacer.ts';

class Item implements Paced {
  readonly strideTicks: number;
  readonly turnsMs: number[] = [];
  readonly skippedMs: number[] = [];
  isLive = true;
  readonly #now: () => number;

  constructor(strideTicks: number, now: () => number) {
    this.strideTicks = strideTicks;
    this.#now = now;
  }

  onTurn(skippedMs: number): boolean {
    this.turnsMs.push(this.#now());
    this.skippedMs.push(skippedMs);
    return true;
  }

  afterTurn(): void {
    this.onRest();
  }

  onRest: () => void = () => undefined;
}

function setUp(): {
  time: { ms: number };
  now: () => number;
  pacer: Pacer;
  runTo: (ms: number, stepMs?: number) => void;
} {
  const time = { ms: 1000 };
  const now = (): number => time.ms;
  const pacer = new Pacer({ tickMs: 5, now });
  const runTo = (ms: number, stepMs = 1): void => {
    while (time.ms < ms) {
      time.ms = Math.min(ms, time.ms + stepMs);
      pacer.advance();
    }
  };
  return { time, now, pacer, runTo };
}

describe('Pacer', () => {
  it('gives a turn every 20 ms, without drift however unevenly it is called', () => {
    const { now, pacer, runTo } = setUp();
    const item = new Item(4, now);
    pacer.add(item);
    runTo(60_995, 3.75);
    assert.equal(item.turnsMs.length, 3000);
    for (const [index, ms] of item.turnsMs.entries()) {
      const lateMs = ms - (1000 + index * 20);
      assert.ok(lateMs >= -0.5 && lateMs <= 3.75, `turn ${index} is ${lateMs} ms late`);
    }
    assert.ok(pacer.lateness.maxMs <= 3.75);
    assert.equal(pacer.skippedMs, 0);
  });

  it('honours every packet time', () => {
    for (const stride of [2, 3, 4, 6, 7, 12]) {
      const { now, pacer, runTo } = setUp();
      const item = new Item(stride, now);
      pacer.add(item);
      runTo(1000 + stride * 5 * 100 - 1);
      assert.equal(item.turnsMs.length, 100, `stride ${stride}`);
    }
  });

  it('spreads sessions evenly over the slots', () => {
    const { now, pacer, runTo } = setUp();
    const items = Array.from({ length: 400 }, () => new Item(4, now));
    for (const item of items) pacer.add(item);
    runTo(1019);
    const perSlot = new Map<number, number>();
    for (const item of items) perSlot.set(item.turnsMs[0] ?? 0, (perSlot.get(item.turnsMs[0] ?? 0) ?? 0) + 1);
    assert.deepEqual([...perSlot.values()], [100, 100, 100, 100]);
  });

  it('wakes the thread for eight at a time where there are few', () => {
    const { now, pacer, runTo } = setUp();
    const items = Array.from({ length: 10 }, () => new Item(4, now));
    for (const item of items) pacer.add(item);
    runTo(1019);
    assert.equal(new Set(items.slice(0, 8).map((item) => item.turnsMs[0])).size, 1);
    assert.equal(new Set(items.map((item) => item.turnsMs[0])).size, 2);
  });

  it('catches up 60 ms, at most three packets a session', () => {
    const { time, now, pacer, runTo } = setUp();
    const items = Array.from({ length: 32 }, () => new Item(4, now));
    for (const item of items) pacer.add(item);
    runTo(1100);
    const before = items.map((item) => item.turnsMs.length);
    time.ms += 59;
    for (let call = 0; call < 10; call += 1) pacer.advance();
    const caughtUp = items.map((item, index) => item.turnsMs.length - (before[index] ?? 0));
    assert.deepEqual(
      [2, 3].map((turns) => caughtUp.filter((count) => count === turns).length),
      [8, 24],
    );
    assert.equal(pacer.skippedMs, 0);
    runTo(2099);
    assert.ok(
      items.every((item) => item.turnsMs.length === 55),
      'and is on schedule again',
    );
  });

  it('sends no burst after a pause: the schedule moves, and the senders are told by how much', () => {
    const { time, now, pacer, runTo } = setUp();
    const items = Array.from({ length: 8 }, () => new Item(4, now));
    for (const item of items) pacer.add(item);
    runTo(2000);
    const before = items.map((item) => item.turnsMs.length);
    time.ms += 3000;
    pacer.advance();
    runTo(5020);
    for (const [index, item] of items.entries()) {
      const turns = item.turnsMs.length - (before[index] ?? 0);
      assert.ok(turns === 1 || turns === 2, `${turns} turns in the 20 ms after the pause`);
    }
    // All are in one slot, which was due up to a packet time after the pause began.
    assert.ok(pacer.skippedMs >= 2980 && pacer.skippedMs <= 3000, `${pacer.skippedMs} ms`);
    assert.ok(pacer.lateness.maxMs >= 2980, 'the lateness of the pause is counted');
    assert.equal(items[0]?.skippedMs.at(-1), pacer.skippedMs);
  });

  it('drops who has ended, and starts afresh after having been empty', () => {
    const { time, now, pacer, runTo } = setUp();
    const item = new Item(4, now);
    pacer.add(item);
    runTo(1100);
    item.isLive = false;
    const turns = item.turnsMs.length;
    runTo(1140);
    assert.equal(pacer.size, 0);
    assert.equal(item.turnsMs.length, turns);
    time.ms = 90_000;
    const late = new Item(4, now);
    pacer.add(late);
    runTo(90_039);
    assert.deepEqual(late.turnsMs, [90_001, 90_020]);
    assert.equal(pacer.skippedMs, 0, 'nobody was there to miss anything');
  });

  it('is not due while its slots are empty, and puts a newcomer where it is due soon', () => {
    const { time, now, pacer } = setUp();
    const rare = new Item(12, now);
    pacer.add(rare);
    pacer.advance();
    assert.equal(pacer.nextDueMs, 1060);
    time.ms = 1032;
    const often = new Item(4, now);
    pacer.add(often);
    assert.equal(pacer.nextDueMs, 1035);
    time.ms = 1035;
    pacer.advance();
    often.isLive = false;
    time.ms = 1055;
    pacer.advance();
    // Nobody looked for longer than what counts as a pause, and the one who is due is 12 ms late.
    time.ms = 1072;
    pacer.advance();
    assert.deepEqual([rare.turnsMs, often.turnsMs], [[1000, 1072], [1035]]);
    time.ms = 1132;
    pacer.advance();
    assert.deepEqual(rare.turnsMs, [1000, 1072, 1132]);
    assert.deepEqual([pacer.skippedMs, pacer.lateness.maxMs, pacer.nextDueMs], [0, 12, 1180]);
  });

  it('lets everybody of a slot send before anybody receives', () => {
    const { time, now, pacer } = setUp();
    const items = [new Item(1, now), new Item(1, now), new Item(1, now)];
    const sentWhenResting: number[] = [];
    for (const item of items) {
      item.onRest = () => sentWhenResting.push(items.filter(({ turnsMs }) => turnsMs.length > 0).length);
      pacer.add(item);
    }
    pacer.advance();
    assert.deepEqual(sentWhenResting, [3, 3, 3]);
    Object.assign(items[1] ?? {}, { isLive: false });
    time.ms += 5;
    pacer.advance();
    assert.equal(sentWhenResting.length, 5);
    assert.equal(pacer.size, 2);
  });

  it('gives way after one packet time when it cannot keep up', () => {
    const { time, now, pacer } = setUp();
    const slow = new Item(1, now);
    const onTurn = slow.onTurn.bind(slow);
    slow.onTurn = (skippedMs) => {
      time.ms += 50;
      return onTurn(skippedMs);
    };
    pacer.add(slow);
    pacer.advance();
    assert.equal(slow.turnsMs.length, 4);
    assert.ok(pacer.skippedMs > 0);
  });
});
