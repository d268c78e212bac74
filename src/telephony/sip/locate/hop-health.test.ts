import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hop } from '../endpoint-types.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { defaultTiming } from '../transaction/timing.ts';
import { udpHop } from '../transport/hop.ts';
import { HopHealth } from './hop-health.ts';
import { goodHop, type HopInput, type HopPatience, type HopState, isSetAside, stepHop } from './hop-state-machine.ts';

const patience: HopPatience = { silentMs: 4_000, giveUpMs: 32_000 };
const heard: HopInput = { type: 'heard' };
const askedAt = (nowMs: number): HopInput => ({ type: 'asked', nowMs });
const failedAt = (nowMs: number, retryAfterMs: number | null = null): HopInput => ({
  type: 'failed',
  nowMs,
  retryAfterMs,
});
const askedState = (sinceMs: number): HopState => ({ name: 'asked', sinceMs });
const failedState = (untilMs: number, spanMs: number): HopState => ({ name: 'failed', untilMs, spanMs });
const trialState = (sinceMs: number, spanMs: number): HopState => ({ name: 'trial', sinceMs, spanMs });
const aside = failedState(40_000, 30_000);

const cases: [what: string, state: HopState, input: HopInput, next: HopState][] = [
  ['good, asked', goodHop, askedAt(5), askedState(5)],
  ['good, heard', goodHop, heard, goodHop],
  ['good, failed', goodHop, failedAt(10_000), aside],
  ['good, failed with Retry-After', goodHop, failedAt(10_000, 5_000), failedState(15_000, 15_000)],
  ['good, failed with a week of Retry-After', goodHop, failedAt(0, 604_800_000), failedState(3_600_000, 15_000)],
  ['asked, asked', askedState(5), askedAt(32_005), askedState(5)],
  ['asked, asked after the first was given up', askedState(5), askedAt(32_006), askedState(32_006)],
  ['asked, heard', askedState(5), heard, goodHop],
  ['asked, failed', askedState(5), failedAt(10_000), aside],
  ['set aside, asked', aside, askedAt(39_999), aside],
  ['set aside, heard', aside, heard, goodHop],
  ['set aside, failed', aside, failedAt(39_999), aside],
  ['set aside, failed with an earlier Retry-After', aside, failedAt(20_000, 5_000), aside],
  ['set aside, failed with a later Retry-After', aside, failedAt(20_000, 60_000), failedState(80_000, 30_000)],
  ['set aside until now, asked', aside, askedAt(40_000), trialState(40_000, 30_000)],
  ['set aside until now, failed', aside, failedAt(40_000), failedState(100_000, 60_000)],
  ['on trial, asked', trialState(5, 30_000), askedAt(32_005), trialState(5, 30_000)],
  ['on trial, asked after the first was given up', trialState(5, 30_000), askedAt(32_006), trialState(32_006, 30_000)],
  ['on trial, heard', trialState(5, 30_000), heard, goodHop],
  ['on trial, failed', trialState(5, 30_000), failedAt(40_000), failedState(100_000, 60_000)],
  ['on trial, failed with Retry-After', trialState(5, 30_000), failedAt(40_000, 1_000), failedState(41_000, 30_000)],
  ['on trial, failed after long', trialState(5, 240_000), failedAt(0), failedState(300_000, 300_000)],
  ['on trial, failed after the longest', trialState(5, 300_000), failedAt(0), failedState(300_000, 300_000)],
];

describe('hop machine', () => {
  for (const [what, state, input, next] of cases) {
    it(what, () => assert.deepEqual(stepHop(state, input, patience), next));
  }

  const asides: [what: string, state: HopState, from: number | null, to: number | null][] = [
    ['good: never', goodHop, null, null],
    ['asked: while it is silent and nobody has given up', askedState(1_000), 5_000, 33_000],
    ['set aside: until its time is over', aside, 0, 39_999],
    ['on trial: while one request tries', trialState(1_000, 30_000), 1_000, 33_000],
  ];
  for (const [what, state, from, to] of asides) {
    it(`tried last, ${what}`, () => {
      const times = Array.from({ length: 50_000 }, (_, ms) => ms).filter((ms) => ms >= 1_000 || from === 0);
      const last = times.filter((ms) => isSetAside(state, ms, patience));
      assert.deepEqual([last[0] ?? null, last.at(-1) ?? null], [from, to]);
      assert.equal(last.length, from === null || to === null ? 0 : to - from + 1);
    });
  }
});

describe('hop health', () => {
  const [a, b, c] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => udpHop({ address, port: 5060 })) as [
    Hop,
    Hop,
    Hop,
  ];

  it('leaves the order alone while all are good, without a copy', () => {
    const hops = [a, b];
    assert.equal(new HopHealth(new FakeClock(), defaultTiming).order(hops), hops);
  });

  it('tries those that failed last, never not at all, until their time is over', () => {
    const clock = new FakeClock();
    const health = new HopHealth(clock, defaultTiming);
    health.failed(a, null);
    assert.deepEqual(health.order([a, b, c]), [b, c, a]);
    health.failed(b, 90);
    assert.deepEqual(health.order([a, b, c]), [c, a, b]);
    clock.advance(30_000);
    assert.deepEqual(health.order([a, b, c]), [a, c, b]);
    health.asked(a);
    assert.deepEqual(health.order([a, b, c]), [c, a, b], 'one request tries it');
    health.heard(a);
    health.heard(b);
    assert.deepEqual(health.order([a, b, c]), [a, b, c]);
  });

  it('tells hops apart by transport, address and port', () => {
    const health = new HopHealth(new FakeClock(), defaultTiming);
    health.failed(a, null);
    const others: Hop[] = [
      { ...a, port: 5061 },
      { ...a, transport: 'tcp' },
    ];
    assert.deepEqual(health.order([a, ...others]), [...others, a]);
  });

  it('forgets those that failed longest ago rather than grow without end', () => {
    const health = new HopHealth(new FakeClock(), defaultTiming);
    const hops = Array.from({ length: 1_025 }, (_, index) => udpHop({ address: '10.0.0.1', port: 1 + index }));
    for (const hop of hops) health.failed(hop, null);
    assert.deepEqual(health.order([...hops.slice(0, 2), c]), [hops[0], c, hops[1]]);
  });
});
