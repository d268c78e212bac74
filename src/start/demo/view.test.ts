import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ansiPaint, plainPaint, visibleLength } from './paint.ts';
import { groupOf, progressOf } from './progress.ts';
import type { CallFact, RoundFacts } from './run-facts.ts';
import { apportion, renderLine, renderProgress, renderTable } from './view.ts';

function call(number: string, callStatus: number | null, key: string | null = null): CallFact {
  return { number, isEnded: callStatus !== null, isOpen: false, callStatus, key };
}

const first: RoundFacts = {
  ordinal: 1,
  taskId: 5000001,
  taskStatus: 2,
  waitingReason: null,
  calls: [call('1', 50, '1'), call('2', 10), call('3', 20), call('4', 60)],
};
const second: RoundFacts = {
  ordinal: 2,
  taskId: 5000002,
  taskStatus: 1,
  waitingReason: 'outside the allowed hours',
  calls: [call('2', 50, '2'), { ...call('3', null), isOpen: true }, call('4', null)],
};
const flow = {
  status: 1,
  nodes: [
    { taskId: 5000002, status: 1, statusReason: null },
    { taskId: null, status: 0, statusReason: null },
  ],
};

describe('progressOf', () => {
  const progress = progressOf(4, [first, second], flow);

  it('sums up rounds, keys and who was reached in any round', () => {
    assert.deepEqual(
      progress.rounds.map(({ state, total, ended, callsNow }) => [state, total, ended, callsNow]),
      [
        ['done', 4, 4, 0],
        ['calling', 3, 1, 1],
        ['planned', 0, 0, 0],
      ],
    );
    assert.deepEqual(progress.rounds[0]?.groups, { answered: 1, busy: 1, noAnswer: 1, declined: 0, unreachable: 1 });
    assert.deepEqual(progress.keys, [
      ['1', 1],
      ['2', 1],
    ]);
    assert.equal(progress.reached, 2);
  });

  it('tells a round that nobody is left for from one that is planned', () => {
    const done = progressOf(4, [first], { status: 2, nodes: [{ taskId: null, status: 2, statusReason: null }] });
    assert.partialDeepStrictEqual(done.rounds[1], { state: 'done', note: 'nobody left to call' });
  });

  it('knows every call status', () => {
    assert.deepEqual([50, 40, 10, 20, 30, 60].map(groupOf), [
      'answered',
      'answered',
      'busy',
      'noAnswer',
      'declined',
      'unreachable',
    ]);
  });
});

describe('view', () => {
  const progress = progressOf(4, [first, second], flow);

  it('draws the same picture with and without colours, within 80 columns', () => {
    const plain = renderProgress(progress, 61_000, { paint: plainPaint, columns: 80 });
    const coloured = renderProgress(progress, 61_000, { paint: ansiPaint, columns: 80 });
    assert.deepEqual(
      coloured.map(visibleLength),
      plain.map((line) => line.length),
    );
    assert.ok(plain.every((line) => line.length <= 80));
    assert.match(
      plain.join('\n'),
      /1:01[\s\S]*4\/4 {2}done[\s\S]*1\/3 {2}1 call now[\s\S]*planned[\s\S]*2\/4[\s\S]*1: 1 {3}2: 1/,
    );
  });

  it('cuts nothing off in a narrow terminal', () => {
    const calls = Array.from({ length: 5000 }, (_, index) => call(`${index}`, [50, 10, 20, 30, 60][index % 5] ?? 60));
    const big = progressOf(5000, [{ ...first, calls }], flow);
    for (const columns of [60, 80]) {
      const canvas = { paint: plainPaint, columns };
      const lines = [...renderProgress(big, 0, canvas), ...renderTable(big, canvas)];
      assert.deepEqual(
        lines.filter((line) => line.length > columns),
        [],
      );
      assert.match(lines.join('\n'), /unreachable 1000/);
    }
  });

  it('says the round under way in one line', () => {
    assert.equal(
      renderLine(progress, 9_999),
      '0:09  recall 1: 1/3, 1 call now (answered 1, busy 0, no answer 0, declined 0, unreachable 0); keys 1: 1 2: 1',
    );
  });

  it('lines up the table', () => {
    const lines = renderTable(progress, { paint: plainPaint, columns: 80 });
    assert.equal(lines.length, 4);
    assert.equal(new Set(lines.map((line) => line.length)).size, 1);
    assert.match(lines[1] ?? '', /first call {2}5000001 +4 +1 +1 +1 +0 +1$/);
  });
});

describe('apportion', () => {
  it('always adds up and gives nothing to nobody', () => {
    const counts = fc.array(fc.nat(1000), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 100 }), (parts, cells) => {
        const result = apportion(parts, cells);
        const sum = parts.reduce((total, count) => total + count, 0);
        assert.equal(
          result.reduce((total, count) => total + count, 0),
          sum === 0 ? 0 : cells,
        );
        assert.ok(result.every((cell, index) => cell >= 0 && (parts[index] !== 0 || cell === 0)));
      }),
    );
  });
});
