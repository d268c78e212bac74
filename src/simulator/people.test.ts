import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultPeopleMix, peopleOf } from './people.ts';
import type { Reaction } from './reaction.ts';

const numbers = Array.from({ length: 2000 }, (_, index) => `8613800${String(index).padStart(6, '0')}`);

function shareOf(reactions: readonly Reaction[], test: (reaction: Reaction) => boolean): number {
  return reactions.filter(test).length / reactions.length;
}

describe('peopleOf', () => {
  const react = peopleOf(7, defaultPeopleMix);
  const first = numbers.map((number) => react(number, 1));

  it('always says the same of the same call, and something else under another seed', () => {
    assert.deepEqual(
      numbers.map((number) => peopleOf(7, defaultPeopleMix)(number, 1)),
      first,
    );
    assert.notDeepEqual(
      numbers.map((number) => peopleOf(8, defaultPeopleMix)(number, 1)),
      first,
    );
  });

  it('draws people by the weights of the mix', () => {
    const expected = { answers: 0.52, busy: 0.16, 'no-answer': 0.16, declines: 0.06, unreachable: 0.1 };
    for (const [kind, share] of Object.entries(expected)) {
      const found = shareOf(first, (reaction) => reaction.kind === kind);
      assert.ok(Math.abs(found - share) < 0.03, `${kind}: ${found}`);
    }
  });

  it('has some answer in silence, some press a key, some hang up early', () => {
    const answered = first.filter((reaction) => reaction.kind === 'answers');
    assert.ok(Math.abs(shareOf(answered, ({ key }) => key !== null) - defaultPeopleMix.keyShare) < 0.05);
    assert.ok(Math.abs(shareOf(answered, ({ hangUpAfterSoundMs }) => hangUpAfterSoundMs !== null) - 0.15) < 0.05);
    for (const { key, hangUpAfterSoundMs } of answered) {
      if (key !== null && hangUpAfterSoundMs !== null) assert.ok(hangUpAfterSoundMs > key.afterSoundMs + 500);
    }
  });

  it('lets half of those who failed come around at the second call, and keeps them', () => {
    const failed = numbers.filter((_, index) => first[index]?.kind !== 'answers');
    const second = failed.map((number) => react(number, 2));
    const share = shareOf(second, ({ kind }) => kind === 'answers');
    assert.ok(share > 0.4 && share < 0.55, `${share}`);
    for (const [index, reaction] of second.entries()) {
      const number = failed[index] ?? '';
      if (reaction.kind === 'answers') assert.equal(react(number, 3).kind, 'answers');
    }
  });

  it('never finds a number that does not exist', () => {
    const gone = numbers.filter((_, index) => {
      const response = first[index]?.response;
      return response?.type === 'reject' && response.status === 404;
    });
    assert.ok(gone.length > 20);
    for (const number of gone) assert.partialDeepStrictEqual(react(number, 9).response, { status: 404 });
  });

  it('rings until cancelled at the first call only', () => {
    assert.ok(first.some(({ response }) => response.type === 'wait'));
    assert.ok(numbers.every((number) => react(number, 2).response.type !== 'wait'));
  });

  it('answers always where the mix says so', () => {
    const everybody = peopleOf(1, { ...defaultPeopleMix, busy: 0, noAnswer: 0, declines: 0, unreachable: 0 });
    assert.ok(numbers.every((number) => everybody(number, 1).kind === 'answers'));
  });
});
