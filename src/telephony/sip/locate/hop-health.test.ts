import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hop } from '../endpoint-types.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { udpHop } from '../transport/hop.ts';
import { HopHealth } from './hop-health.ts';
import { goodHop, type HopInput, type HopState, stepHop } from './hop-state-machine.ts';

const heard: HopInput = { type: 'heard' };
const failedAt = (nowMs: number, retryAfterMs: number | null = null): HopInput => ({
  type: 'failed',
  nowMs,
  retryAfterMs,
});
const failedState = (untilMs: number, spanMs: number): HopState => ({ name: 'failed', untilMs, spanMs });
const aside = failedState(40_000, 30_000);

const cases: [what: string, state: HopState, input: HopInput, next: HopState][] = [
  ['good, heard', goodHop, heard, goodHop],
  ['good, failed', goodHop, failedAt(10_000), aside],
  ['good, failed with Retry-After', goodHop, failedAt(10_000, 5_000), failedState(15_000, 15_000)],
  ['good, failed with a week of Retry-After', goodHop, failedAt(0, 604_800_000), failedState(3_600_000, 15_000)],
  ['set aside, heard', aside, heard, goodHop],
  ['set aside, failed', aside, failedAt(39_999), aside],
  ['set aside, failed with an earlier Retry-After', aside, failedAt(20_000, 5_000), aside],
  ['set aside, failed with a later Retry-After', aside, failedAt(20_000, 60_000), failedState(80_000, 30_000)],
  ['on trial, heard', aside, heard, goodHop],
  ['on trial, failed', aside, failedAt(40_000), failedState(100_000, 60_000)],
  ['on trial, failed with Retry-After', aside, failedAt(40_000, 1_000), failedState(41_000, 30_000)],
  ['on trial, failed after long', failedState(0, 240_000), failedAt(0), failedState(300_000, 300_000)],
  ['on trial, failed after the longest', failedState(0, 300_000), failedAt(0), failedState(300_000, 300_000)],
];

describe('hop machine', () => {
  for (const [what, state, input, next] of cases) {
    it(what, () => assert.deepEqual(stepHop(state, input), next));
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
    assert.equal(new HopHealth(new FakeClock()).order(hops), hops);
  });

  it('tries those that failed last, never not at all, until their time is over', () => {
    const clock = new FakeClock();
    const health = new HopHealth(clock);
    health.failed(a, null);
    assert.deepEqual(health.order([a, b, c]), [b, c, a]);
    health.failed(b, 90);
    assert.deepEqual(health.order([a, b, c]), [c, a, b]);
    clock.advance(30_000);
    assert.deepEqual(health.order([a, b, c]), [a, c, b]);
    health.heard(b);
    assert.deepEqual(health.order([a, b, c]), [a, b, c]);
  });

  it('tells hops apart by transport, address and port', () => {
    const health = new HopHealth(new FakeClock());
    health.failed(a, null);
    const others: Hop[] = [
      { ...a, port: 5061 },
      { ...a, transport: 'tcp' },
    ];
    assert.deepEqual(health.order([a, ...others]), [...others, a]);
  });

  it('forgets those that failed longest ago rather than grow without end', () => {
    const health = new HopHealth(new FakeClock());
    const hops = Array.from({ length: 1_025 }, (_, index) => udpHop({ address: '10.0.0.1', port: 1 + index }));
    for (const hop of hops) health.failed(hop, null);
    assert.deepEqual(health.order([...hops.slice(0, 2), c]), [hops[0], c, hops[1]]);
  });
});
