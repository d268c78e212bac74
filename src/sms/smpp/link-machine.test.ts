import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUsable, type LinkInput, type LinkState, retryDelays, startLink, stepLink } from './link-machine.ts';

type Name = LinkState['name'];

const names: readonly Name[] = ['connecting', 'binding', 'bound', 'probing', 'waiting', 'unbinding', 'ended'];

const inputs = {
  connected: { type: 'connected' },
  'bind accepted': { type: 'bind-answered', status: 0 },
  'bind refused': { type: 'bind-answered', status: 0x0d },
  'probe due': { type: 'probe-due' },
  heard: { type: 'heard' },
  overdue: { type: 'overdue' },
  unbind: { type: 'unbind' },
  'unbind answered': { type: 'unbind-answered' },
  lost: { type: 'lost', reason: 'ECONNRESET' },
  useful: { type: 'useful' },
  try: { type: 'try' },
  stop: { type: 'stop' },
} as const satisfies Record<string, LinkInput>;

function stateOf(name: Name, failures = 0): LinkState {
  return { name, failures, reason: null };
}

/** What an action is, in a word or two. */
function wordsOf(name: Name, input: LinkInput): string {
  const { state, actions } = stepLink(stateOf(name), input);
  const words = actions.map((action) =>
    action.type === 'start-timer'
      ? `${action.timer}-timer`
      : action.type === 'wait-retry'
        ? `retry-${action.nominalMs}`
        : action.type,
  );
  return [state.name, ...words].join(' ');
}

const failed = (delayMs: number): string => `waiting stop-timer close retry-${delayMs}`;
const failedUsable = (delayMs: number): string => `waiting stop-timer close down retry-${delayMs}`;
const ended = 'ended stop-timer close ended';

/** Every pair that does something; all others change nothing. */
const table: Readonly<Record<Name, Partial<Record<keyof typeof inputs, string>>>> = {
  connecting: {
    connected: 'binding bind answer-timer',
    overdue: failed(1000),
    unbind: failed(1000),
    lost: failed(1000),
    stop: ended,
  },
  binding: {
    'bind accepted': 'bound up probe-timer',
    'bind refused': failed(10_000),
    overdue: failed(1000),
    unbind: failed(1000),
    lost: failed(1000),
    stop: ended,
  },
  bound: {
    'probe due': 'probing enquire answer-timer',
    unbind: failedUsable(1000),
    lost: failedUsable(1000),
    stop: 'unbinding down unbind answer-timer',
  },
  probing: {
    heard: 'bound probe-timer',
    overdue: failedUsable(1000),
    unbind: failedUsable(1000),
    lost: failedUsable(1000),
    stop: 'unbinding down unbind answer-timer',
  },
  waiting: { try: 'connecting connect connect-timer', stop: ended },
  unbinding: { unbind: ended, 'unbind answered': ended, lost: ended, overdue: ended },
  ended: {},
};

for (const name of names) {
  test(`link: ${name}`, () => {
    for (const [what, input] of Object.entries(inputs)) {
      const expected = table[name][what as keyof typeof inputs] ?? name;
      assert.equal(wordsOf(name, input), expected, what);
    }
  });
}

test('link: begins by connecting', () => {
  assert.deepEqual(startLink().actions, [{ type: 'connect' }, { type: 'start-timer', timer: 'connect' }]);
});

test('link: usable is bound, probed or not', () => {
  assert.deepEqual(
    names.filter((name) => isUsable(stateOf(name))),
    ['bound', 'probing'],
  );
});

/** The delays of the tries after each of `count` failures of one kind. */
function delays(input: LinkInput, count: number): number[] {
  return Array.from({ length: count }, (_, failures) => {
    const { actions } = stepLink(stateOf('binding', failures), input);
    return actions.flatMap((action) => (action.type === 'wait-retry' ? [action.nominalMs] : []))[0] ?? 0;
  });
}

test('link: a server that is away is tried soon, and once a minute at last', () => {
  assert.deepEqual(delays(inputs.lost, 8), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('link: one that does not bind us now is tried slower', () => {
  const alreadyBound: LinkInput = { type: 'bind-answered', status: 0x05 };
  assert.deepEqual(delays(alreadyBound, 7), [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
});

test('link: a wrong password or system id is for people to put right', () => {
  for (const status of [0x0e, 0x0f]) {
    const refused: LinkInput = { type: 'bind-answered', status };
    assert.deepEqual(delays(refused, 2), [60_000, 120_000]);
    assert.equal(delays(refused, 10).at(-1), retryDelays.unknown.maxMs);
  }
  const { state } = stepLink(stateOf('binding'), { type: 'bind-answered', status: 0x0e });
  assert.equal(state.reason, 'the bind was refused: ESME_RINVPASWD, wrong password');
});

test('link: failures are forgotten by a message that was answered, not by a bind', () => {
  const bound = stepLink(stateOf('binding', 3), inputs['bind accepted']).state;
  assert.equal(bound.failures, 3);
  assert.equal(stepLink(bound, inputs.useful).state.failures, 0);
  assert.equal(stepLink(bound, inputs.lost).state.failures, 4);
});
