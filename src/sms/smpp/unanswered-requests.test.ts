import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { UnansweredRequests } from './unanswered-requests.ts';

function watched(): { clock: FakeClock; requests: UnansweredRequests; told: string[]; add(sequence: number): void } {
  const clock = new FakeClock();
  const requests = new UnansweredRequests(clock, 1000);
  const told: string[] = [];
  const add = (sequence: number): void =>
    requests.add(sequence, (result) =>
      told.push(`${sequence} ${result.type === 'answered' ? (result.messageId ?? result.status) : result.reason}`),
    );
  return { clock, requests, told, add };
}

test('unanswered: answers in any order, each once', () => {
  const { requests, told, add } = watched();
  for (const sequence of [1, 2, 3]) add(sequence);
  assert.equal(requests.answer(3, 0, 'c'), true);
  assert.equal(requests.answer(1, 88, null), true);
  assert.equal(requests.answer(1, 0, 'again'), false);
  assert.equal(requests.answer(9, 0, 'nobody'), false);
  assert.deepEqual(told, ['3 c', '1 88']);
  assert.equal(requests.size, 1);
});

test('unanswered: each is overdue at its own time, by one timer', async () => {
  const { clock, requests, told, add } = watched();
  add(1);
  await clock.advance(400);
  add(2);
  add(3);
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(600);
  assert.deepEqual(told, ['1 the carrier did not answer in time']);
  requests.answer(2, 0, 'b');
  await clock.advance(400);
  assert.deepEqual(told.slice(1), ['2 b', '3 the carrier did not answer in time']);
  assert.equal(clock.pendingTimers, 0);
  add(4);
  await clock.advance(1000);
  assert.equal(told.length, 4);
});

test('unanswered: given up together', () => {
  const { clock, requests, told, add } = watched();
  add(1);
  add(2);
  requests.giveUp('gone');
  assert.deepEqual(told, ['1 gone', '2 gone']);
  assert.equal(clock.pendingTimers, 0);
});
