import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { estimateMos } from './mos.ts';

const clean = { codec: 'PCMA', lossPercent: 0, jitterMs: 0, roundTripMs: null } as const;

describe('the estimated MOS', () => {
  // From the rating by hand: R = 93.2 - 0.024 d - 0.11 (d - 177.3)+ - 95 p / (p + 25.1), d = round trip / 2 + 20 + 2 x jitter.
  const cases: [string, Partial<Parameters<typeof estimateMos>[0]>, number][] = [
    ['nothing wrong', {}, 4.4],
    ['1 % lost', { lossPercent: 1 }, 4.32],
    ['5 % lost', { lossPercent: 5 }, 3.9],
    ['10 % lost', { lossPercent: 10 }, 3.39],
    ['30 % lost', { lossPercent: 30 }, 2.11],
    ['all lost', { lossPercent: 100 }, 1.16],
    ['200 ms there and back', { roundTripMs: 200 }, 4.35],
    ['600 ms there and back', { roundTripMs: 600 }, 3.59],
    ['a satellite and loss', { roundTripMs: 1200, lossPercent: 3 }, 1.24],
    ['jitter', { jitterMs: 50 }, 4.35],
  ];
  for (const [name, quality, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const mos = estimateMos({ ...clean, ...quality });
      assert.ok(Math.abs(mos - expected) < 0.005, String(mos));
    });
  }

  it('is on its scale, and never better where anything is worse', () => {
    const qualities = fc.record({
      lossPercent: fc.double({ min: 0, max: 100, noNaN: true }),
      jitterMs: fc.double({ min: 0, max: 5000, noNaN: true }),
      roundTripMs: fc.double({ min: 0, max: 5000, noNaN: true }),
    });
    fc.assert(
      fc.property(qualities, qualities, (quality, more) => {
        const mos = estimateMos({ ...clean, ...quality });
        assert.ok(mos >= 1 && mos <= 4.5);
        const worse = {
          codec: clean.codec,
          lossPercent: Math.min(100, quality.lossPercent + more.lossPercent),
          jitterMs: quality.jitterMs + more.jitterMs,
          roundTripMs: quality.roundTripMs + more.roundTripMs,
        };
        assert.ok(estimateMos(worse) <= mos + 1e-9);
      }),
    );
  });
});
