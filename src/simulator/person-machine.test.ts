import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { initialPersonState, type PersonInput, stepPerson } from './person-machine.ts';
import { answering, type Reaction, refusing, ringingForever } from './reaction.ts';

const timer = (name: 'ring' | 'respond' | 'key' | 'hang-up'): PersonInput => ({ type: 'timer', name });
const reached: PersonInput = { type: 'reached' };
const sound: PersonInput = { type: 'sound-began' };
const over: PersonInput = { type: 'over' };

/** The actions in short. */
function run(reaction: Reaction, inputs: readonly PersonInput[]): string[] {
  let state = initialPersonState;
  const done: string[] = [];
  for (const input of inputs) {
    const step = stepPerson(state, input, reaction);
    state = step.state;
    for (const action of step.actions) {
      if (action.type === 'set-timer') done.push(`${action.name} in ${action.delayMs}`);
      else if (action.type === 'reject') done.push(`reject ${action.status}`);
      else if (action.type === 'press') done.push(`press ${action.digit}`);
      else done.push(action.type);
    }
  }
  return done;
}

const chatty = answering({
  ringAfterMs: 100,
  answerAfterMs: 900,
  key: { digit: '2', afterSoundMs: 500 },
  hangUpAfterSoundMs: 800,
});
const busy = refusing('busy', { ringAfterMs: null, afterMs: 50 }, { status: 486, reason: 'Busy Here' });
const declining = refusing('declines', { ringAfterMs: 100, afterMs: 700 }, { status: 603, reason: 'Decline' });
const answeredInputs = [reached, timer('ring'), timer('respond')];
const answeredActions = ['ring in 100', 'ring', 'respond in 900', 'answer'];

describe('person machine', () => {
  const rows: [string, Reaction, PersonInput[], string[]][] = [
    [
      'answers, presses a key, hangs up',
      chatty,
      [...answeredInputs, sound, timer('key'), timer('hang-up')],
      [...answeredActions, 'key in 500', 'hang-up in 800', 'press 2', 'cancel-timers', 'hang-up'],
    ],
    [
      'answers and listens to the end',
      answering({ ringAfterMs: 100, answerAfterMs: 900 }),
      [...answeredInputs, sound, over],
      [...answeredActions, 'cancel-timers'],
    ],
    ['presses nothing at silence', chatty, [...answeredInputs, over], [...answeredActions, 'cancel-timers']],
    [
      'starts the clock at the first sound only',
      chatty,
      [...answeredInputs, sound, sound],
      [...answeredActions, 'key in 500', 'hang-up in 800'],
    ],
    ['is busy without ringing', busy, [reached, timer('respond')], ['respond in 50', 'reject 486']],
    [
      'declines after ringing',
      declining,
      [reached, timer('ring'), timer('respond')],
      ['ring in 100', 'ring', 'respond in 700', 'reject 603'],
    ],
    [
      'rings until the CANCEL',
      ringingForever(80),
      [reached, timer('ring'), over],
      ['ring in 80', 'ring', 'cancel-timers'],
    ],
    [
      'does nothing after a CANCEL',
      chatty,
      [reached, over, timer('ring'), timer('respond'), sound],
      ['ring in 100', 'cancel-timers'],
    ],
    [
      'presses nothing after hanging up',
      chatty,
      [...answeredInputs, sound, timer('hang-up'), timer('key')],
      [...answeredActions, 'key in 500', 'hang-up in 800', 'cancel-timers', 'hang-up'],
    ],
  ];
  for (const [name, reaction, inputs, expected] of rows)
    it(name, () => assert.deepEqual(run(reaction, inputs), expected));
});
