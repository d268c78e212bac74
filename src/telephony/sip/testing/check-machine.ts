import assert from 'node:assert/strict';

/** What a machine of this library gives for a state and an input. */
export type MachineStep = { readonly state: string; readonly actions: readonly string[] };

/** Holds every state with every input against a table of lines `state input -> next: actions`; a pair that isn't listed must change nothing. */
export function checkMachine<S extends string, I extends string>(
  step: (state: S, input: I) => MachineStep,
  states: readonly S[],
  inputs: readonly I[],
  table: string,
): void {
  const expected = new Map<string, string>();
  for (const line of table.trim().split('\n')) {
    const [pair = '', outcome = ''] = line.trim().split(' -> ');
    assert.ok(!expected.has(pair), `${pair} is listed once`);
    expected.set(pair, outcome.trim());
  }
  for (const state of states) {
    for (const input of inputs) {
      const { state: next, actions } = step(state, input);
      const pair = `${state} ${input}`;
      assert.equal(`${next}: ${actions.join(' ')}`.trim(), expected.get(pair) ?? `${state}:`, pair);
      expected.delete(pair);
    }
  }
  assert.deepEqual([...expected.keys()], [], 'every line of the table was met');
}
