import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { UnansweredRequests } from './unanswered-requests.ts';

function watched(window = 10): {
  clock: FakeClock;
  requests: UnansweredRequests;
  told: string[];
  add(sequence: number): void;
  answer(sequence: number, messageId?: string | null, status?: number): string;
} {
  const clock = new FakeClock();
  const requests = new UnansweredRequests(clock, { timeoutMs: 1000, window });
  const told: string[] = [];
  const add = (sequence: number): void =>
    requests.add(sequence, {
      onResult: (result) =>
        told.push(`${sequence} ${result.type === 'answered' ? (result.messageId ?? result.status) : result.reason}`),
      onLateAnswer: ({ messageId, status }) => told.push(`${sequence} late ${messageId ?? status}`),
    });
  const answer = (sequence: number, messageId: string | null = null, status = 0): string =>
    requests.answer(sequence, { status, messageId });
  return { clock, requests, told, add, answer };
}

test('unanswered: answers in any order, each once', () => {
  const { requests, told, add, answer } = watched();
  for (const sequence of [1, 2, 3]) add(sequence);
  assert.equal(answer(3, 'c'), 'in-time');
  assert.equal(answer(1, null, 88), 'in-time');
  assert.equal(answer(1, 'again'), 'not-awaited');
  assert.equal(answer(9, 'nobody'), 'not-awaited');
  assert.deepEqual(told, ['3 c', '1 88']);
  assert.equal(requests.size, 1);
});

test('unanswered: each is overdue at its own time, by one timer', async () => {
  const { clock, told, add, answer } = watched();
  add(1);
  await clock.advance(400);
  add(2);
  add(3);
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(600);
  assert.deepEqual(told, ['1 the carrier did not answer in time']);
  answer(2, 'b');
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

test('unanswered: a late answer is told once, for ten minutes, and as long as the connection lasts', async () => {
  const { clock, requests, told, add, answer } = watched();
  for (const sequence of [1, 2, 3]) add(sequence);
  await clock.advance(1000);
  assert.equal(requests.isLateAwaited, true);
  assert.equal(answer(2, 'b'), 'late');
  assert.equal(answer(2, 'b'), 'not-awaited');
  assert.equal(told.at(-1), '2 late b');
  await clock.advance(599_999);
  assert.equal(answer(1, null, 88), 'late');
  await clock.advance(1);
  assert.equal(requests.isLateAwaited, false);
  assert.equal(answer(3, 'c'), 'not-awaited');
  add(4);
  await clock.advance(1000);
  requests.giveUp('gone');
  assert.equal(requests.isLateAwaited, false);
  assert.equal(answer(4, 'd'), 'not-awaited');
  assert.equal(told.length, 6);
});

test('unanswered: a sequence number is not used again while its answer may still come', async () => {
  const { clock, requests, add } = watched();
  add(1);
  await clock.advance(1000);
  assert.equal(requests.has(1), true);
  assert.equal(requests.size, 0);
});

test('unanswered: the window shrinks to one while nothing is answered, and is whole with the next answer', async () => {
  const { clock, requests, add, answer } = watched(3);
  for (const sequence of [1, 2]) add(sequence);
  await clock.advance(1000);
  assert.equal(requests.window, 1);
  for (const sequence of [3, 4]) add(sequence);
  await clock.advance(1000);
  assert.equal(requests.window, 1);
  answer(1, 'a');
  assert.equal(requests.window, 3);
});
