import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import type { ClaimedReport } from '../domain/report/claim-reports.ts';
import { sampleReport } from '../domain/report/sample-report.ts';
import type { TriedReport } from '../domain/report/settle-reports.ts';
import { silentLogger } from '../lib/logger.ts';
import type { PostResult } from '../webhook/receiver.ts';
import { Lane } from './lane.ts';

type Post = { readonly seqs: readonly number[]; answer(status: number | null): Promise<void> };

/** A lane to a receiver that answers when it is told to; a report's digits are its seq. */
function startLane(hasBatches: boolean) {
  const clock = new FakeClock();
  const posts: Post[] = [];
  const tried: TriedReport[] = [];
  const downMs: number[] = [];
  let low = 0;
  const receiver = {
    post: (body: string) =>
      new Promise<PostResult>((resolve) => {
        const startedAt = clock.monotonic();
        const bodies: { digits: string }[] = [JSON.parse(body)].flat();
        posts.push({
          seqs: bodies.map(({ digits }) => Number(digits)),
          answer: async (httpStatus) => {
            const problem = httpStatus === 200 ? null : `answered ${httpStatus}`;
            resolve({ tookMs: clock.monotonic() - startedAt, httpStatus, problem });
            await settled();
          },
        });
      }),
    close: async () => undefined,
  };
  const lane = new Lane({
    ...{ target: { appSeq: 1, appId: 'app', url: 'https://example.com/', secret: 'x', hasBatches }, receiver, clock },
    ...{ logger: silentLogger(), probeEveryMs: 1000 },
    timing: { deadlineMs: 10_000, leaseMs: 25_000, marginMs: 2000 },
    onTried: (results) => tried.push(...results),
    onLow: () => {
      low += 1;
    },
    onStillDown: (forMs) => downMs.push(forMs),
  });
  return { lane, clock, posts, tried, downMs, lows: () => low };
}

function claimed(first: number, last: number, tries = 0): ClaimedReport[] {
  const body = sampleReport('app', new Date(0));
  return Array.from({ length: last - first + 1 }, (_, nth) => {
    const seq = first + nth;
    return { key: { createdDay: '2026-01-05', taskId: 7, seq }, appSeq: 1, tries, body: { ...body, digits: `${seq}` } };
  });
}

const sizes = (posts: readonly Post[]): number[] => posts.map((post) => post.seqs.length);

test('lane: one report for each POST, four at once to begin with, the oldest first', async () => {
  const { lane, posts, tried } = startLane(false);
  lane.take(claimed(1, 10), 0, false);
  assert.deepEqual(
    posts.map((post) => post.seqs),
    [[1], [2], [3], [4]],
  );
  await posts[1]?.answer(200);
  assert.deepEqual(
    posts.slice(4).map((post) => post.seqs),
    [[5], [6]],
  );
  assert.deepEqual(
    tried.map(({ key, result }) => [key.seq, result.httpStatus]),
    [[2, 200]],
  );
});

test('lane: arrays of a hundred; of ten after a failure, with others that failed; each by itself after two', async () => {
  const { lane, posts } = startLane(true);
  lane.take([...claimed(1, 150), ...claimed(151, 155, 1), ...claimed(156, 157, 2), ...claimed(158, 158, 8)], 0, false);
  assert.deepEqual(sizes(posts), [100, 50, 5, 1]);
  assert.deepEqual([posts[1]?.seqs[0], posts[2]?.seqs[0], posts[3]?.seqs[0]], [101, 151, 156]);
  for (const post of posts.slice(0, 4)) await post.answer(200);
  assert.deepEqual(
    posts.slice(4).map((post) => post.seqs),
    [[157], [158]],
  );
  const again = startLane(true);
  again.lane.take(claimed(1, 25, 1), 0, false);
  assert.deepEqual(sizes(again.posts), [10, 10, 5]);
});

test('lane: what of an array was not taken is tried as a whole, and under one delivery id', async () => {
  const { lane, posts, tried } = startLane(true);
  lane.take(claimed(1, 3), 0, false);
  await posts[0]?.answer(500);
  assert.deepEqual(
    tried.map(({ key, result }) => [key.seq, result.problem]),
    [1, 2, 3].map((seq) => [seq, 'answered 500']),
  );
  assert.equal(new Set(tried.map(({ result }) => result.deliveryId)).size, 1);
});

test('lane: asks for more before it is out of work, and only if there may be more', async () => {
  const { lane, posts, lows } = startLane(false);
  assert.equal(lane.room, 16);
  lane.take(claimed(1, 16), 0, true);
  assert.equal(lane.room, 0);
  let answered = 0;
  while (lows() === 0 && answered < 16) await posts[answered++]?.answer(200);
  assert.ok(answered > 0 && posts.length < 16, `asked after ${answered} answers and ${posts.length} POSTs`);
  assert.ok(lane.room > 0);

  const last = startLane(false);
  last.lane.take(claimed(1, 16), 0, false);
  for (let nth = 0; nth < 16; nth++) await last.posts[nth]?.answer(200);
  assert.deepEqual([last.tried.length, last.lows()], [16, 0]);
});

test('lane: a POST that could outlast its lease is not begun', async () => {
  const { lane, clock, posts } = startLane(false);
  lane.take(claimed(1, 10), 0, false);
  clock.freeze(13_001);
  for (const post of posts.slice(0, 4)) await post.answer(200);
  assert.equal(posts.length, 4);
  lane.take(claimed(11, 12), 13_001, false);
  assert.deepEqual(
    posts.slice(4).map((post) => post.seqs),
    [[11], [12]],
  );
});

test('lane: a receiver that is down is probed once a second, and how long it has been is told', async () => {
  const { lane, clock, posts, downMs } = startLane(false);
  lane.take(claimed(1, 16), 0, false);
  for (let nth = 0; nth < 10; nth++) await posts[nth]?.answer(503);
  // Those that were under way when it went down.
  for (const post of posts.slice(10)) await post.answer(503);
  const sent = posts.length;
  assert.equal(lane.room, 0);
  await clock.advance(999);
  lane.look();
  assert.equal(posts.length, sent);
  await clock.advance(1);
  lane.look();
  lane.look();
  assert.equal(posts.length, sent + 1);
  await clock.advance(500);
  await posts.at(-1)?.answer(null);
  assert.equal(downMs.at(-1), 1500);
  await clock.advance(1000);
  lane.look();
  await posts.at(-1)?.answer(200);
  assert.ok(posts.length > sent + 2, 'it is back');
});

test('lane: stopping gives back at once what was not sent, and closing waits for what was', async () => {
  const { lane, posts, tried } = startLane(false);
  lane.take(claimed(1, 6), 0, true);
  assert.deepEqual(
    lane.stop().map((report) => report.key.seq),
    [5, 6],
  );
  assert.equal(lane.room, 0);
  let isClosed = false;
  void lane.close().then(() => {
    isClosed = true;
  });
  for (const post of posts) {
    assert.equal(isClosed, false);
    await post.answer(200);
  }
  assert.deepEqual([posts.length, isClosed], [4, true]);
  assert.deepEqual(
    tried.map(({ key }) => key.seq),
    [1, 2, 3, 4],
  );
});
