import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RecallInput, type RecallState, stepRecall } from './machine.ts';
import type { RecallStatus } from './status.ts';

/** Written as in the tests of the whole: flow, then nodes. */
type Row = [from: string, input: RecallInput, to: string | null, nextRound?: number];

const table: Row[] = [
  ['0: 0 0', { type: 'parent-finished' }, '0: 0 0', 1],
  ['0: 0 3', { type: 'parent-finished' }, '0: 0 3', 1],
  ['3: 3 3', { type: 'parent-finished' }, null],
  ['0: 0 0', { type: 'parent-cancelled' }, '3: 3 3'],
  ['0: 0 3', { type: 'parent-cancelled' }, '3: 3 3'],
  ['1: 1 0', { type: 'parent-cancelled' }, null],
  ['0: 0 0', { type: 'parent-failed' }, '4: 3 3'],
  ['0: 0 0', { type: 'round-started', round: 1 }, '1: 1 0'],
  ['1: 2 0', { type: 'round-started', round: 2 }, '1: 2 1'],
  ['1: 1 0', { type: 'round-started', round: 1 }, null],
  ['1: 1 0', { type: 'round-started', round: 2 }, null],
  ['0: 0 0', { type: 'round-empty', round: 2 }, null],
  ['3: 3 3', { type: 'round-started', round: 1 }, null],
  ['0: 0 0 0', { type: 'round-empty', round: 1 }, '2: 2 2 2'],
  ['1: 2 0 3', { type: 'round-empty', round: 2 }, '2: 2 2 3'],
  ['0: 0 0', { type: 'round-failed', round: 1 }, '4: 4 3'],
  ['1: 1 0', { type: 'round-failed', round: 1 }, '4: 4 3'],
  ['1: 2 0 0', { type: 'round-failed', round: 2 }, '4: 2 4 3'],
  ['1: 1 0', { type: 'round-finished', round: 1 }, '1: 2 0', 2],
  ['1: 1 3', { type: 'round-finished', round: 1 }, '2: 2 3'],
  ['1: 2 1', { type: 'round-finished', round: 2 }, '2: 2 2'],
  ['1: 2 0', { type: 'round-finished', round: 1 }, null],
  ['1: 1 0', { type: 'round-cancelled', round: 1 }, '3: 3 3'],
  ['1: 2 1 0', { type: 'round-cancelled', round: 2 }, '3: 2 3 3'],
  ['0: 0 0', { type: 'cancel-flow' }, '3: 3 3'],
  ['1: 1 0', { type: 'cancel-flow' }, null],
  ['2: 2 2', { type: 'cancel-flow' }, null],
  ['0: 0 0 0', { type: 'cancel-round', round: 2 }, '0: 0 3 3'],
  ['0: 0 0', { type: 'cancel-round', round: 1 }, '3: 3 3'],
  ['1: 1 0 0', { type: 'cancel-round', round: 3 }, '1: 1 0 3'],
  ['1: 2 0 0', { type: 'cancel-round', round: 2 }, '2: 2 3 3'],
  ['1: 2 0 0', { type: 'cancel-round', round: 3 }, '1: 2 0 3'],
  ['1: 1 0', { type: 'cancel-round', round: 1 }, null],
  ['0: 0 0', { type: 'cancel-round', round: 3 }, null],
];

function read(text: string): RecallState {
  const [flow, ...nodes] = text.replace(':', '').split(' ').map(Number) as RecallStatus[];
  return { flow: flow ?? 0, nodes };
}

test('steps by table', () => {
  for (const [from, input, to, nextRound] of table) {
    const step = stepRecall(read(from), input);
    const shown = step && `${step.flow}: ${step.nodes.join(' ')}`;
    assert.equal(shown, to, `${from} ${JSON.stringify(input)}`);
    assert.equal(step?.nextRound ?? null, nextRound ?? null, `${from} ${JSON.stringify(input)}`);
  }
});

const round = fc.integer({ min: 1, max: 4 });
const someInput: fc.Arbitrary<RecallInput> = fc.oneof(
  fc.constantFrom<RecallInput>(
    { type: 'parent-finished' },
    { type: 'parent-cancelled' },
    { type: 'parent-failed' },
    { type: 'cancel-flow' },
  ),
  fc.record({
    type: fc.constantFrom(
      'round-started' as const,
      'round-empty' as const,
      'round-failed' as const,
      'round-finished' as const,
      'round-cancelled' as const,
      'cancel-round' as const,
    ),
    round,
  }),
);

test('whatever happens: a final flow has nothing open, final states stay, an open flow has something left to run', () => {
  fc.assert(
    fc.property(round, fc.array(someInput, { maxLength: 30 }), (rounds, inputs) => {
      let state: RecallState = { flow: 0, nodes: Array.from({ length: rounds }, () => 0) };
      for (const input of inputs) {
        const step = stepRecall(state, input);
        if (!step) continue;
        for (const [index, before] of state.nodes.entries()) {
          if (before >= 2) assert.equal(step.nodes[index], before, 'a final node stays');
        }
        assert.ok(state.flow <= 1, 'a final flow takes no step');
        const isOpen = step.nodes.some((node) => node <= 1);
        assert.equal(step.flow <= 1, isOpen);
        assert.ok(step.nodes.filter((node) => node === 1).length <= 1, 'one round at a time');
        if (step.nextRound !== null) assert.equal(step.nodes[step.nextRound - 1], 0);
        state = step;
      }
    }),
    { numRuns: 1000 },
  );
});
