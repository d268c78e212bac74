import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { countCalls } from '../../src/domain/record/count-calls.ts';
import { openTestApi, recordsOf, type TestApi } from '../support/api-server.ts';
import { at, numberAt, textAt } from '../support/json.ts';

/** The border that everything here happens around: midnight of New York, four hours after that of UTC. */
const midnight = '2026-11-01T04:00:00Z';
/** New York has twenty-five hours on the day after it. */
const nextMidnight = '2026-11-02T05:00:00Z';
const now = Date.parse('2026-11-10T12:00:00Z');
const never = new AbortController().signal;

let api: TestApi;
let taskId: number;
let flowId: number;

/** Calls by when they began, and how long each took, s. */
const begun: readonly (readonly [at: string, seconds: number])[] = [
  ['2026-10-31T23:59:59.999999Z', 5],
  ['2026-11-01T00:00:00Z', 5],
  // The last of the 31st in New York, whose end is the next day's, and the very first of the 1st.
  ['2026-11-01T03:59:59.999999Z', 30],
  [midnight, 10],
  // Half past one comes twice that night.
  ['2026-11-01T05:30:00Z', 10],
  ['2026-11-01T06:30:00Z', 10],
  ['2026-11-02T04:59:59.5Z', 4000],
  [nextMidnight, 10],
];

before(async () => {
  api = await openTestApi();
  const { db } = api.database;
  await sql`update account set time_zone = 'America/New_York'`.execute(db);
  const sent = await api.post('/voice/group/call/send', {
    ...{ appId: api.appId, taskName: 'over midnight', source: 3, text: 'hi', lan: 'EN', loopCount: 1, maxCalls: 9 },
    numberList: begun.map((_, index) => String(8613800000001 + index)),
    recallFlow: { recallType: 0, recallInterval: 5, recallNum: 1 },
  });
  taskId = numberAt(sent.data);
  await sql`select ensure_call_partitions('2026-10-30', '2026-10-30')`.execute(db);
  await sql`update callee set created_day = '2026-10-30'`.execute(db);
  await sql`update task set created_day = '2026-10-30', created_at = ${midnight}`.execute(db);
  flowId =
    (await sql<{ id: number }>`update recall_flow set created_at = ${midnight} returning flow_id as id`.execute(db))
      .rows[0]?.id ?? 0;
  // Written into the partition of the task's day, two days and more after it.
  await sql`
    insert into call (created_day, task_id, seq, account_id, process_id, number, claimed_at, state, answered_at, ended_at, outcome_class, call_status,
                      termination_code, termination_reason)
    select '2026-10-30', ${taskId}, seq, ${api.account.accountId}, gen_random_uuid(), (8613800000000 + seq)::text, at, 'ended', at,
           at + seconds * interval '1 second', 'success', 50, '0', 'success'
      from unnest(${begun.map(([time]) => time)}::timestamptz[], ${begun.map(([, seconds]) => seconds)}::int[]) with ordinality as u (at, seconds, seq)`.execute(
    db,
  );
  api.setNow(now);
});
after(() => api.close());

/** The places in `begun` of the calls of a span, in the order of their beginning. */
async function begunIn(strTime: string, endTime: string): Promise<number[]> {
  const answer = await api.post('/voice/recordGroupQuery', { current: 1, size: 100, params: { strTime, endTime } });
  const numbers = recordsOf(answer).map((record) => Number(textAt(record, 'callee')) - 8613800000001);
  assert.equal(at(answer.data, 'total'), numbers.length);
  return numbers.toReversed();
}

const inEveryZone: readonly (readonly [what: string, from: string, to: string, calls: readonly number[]])[] = [
  ["the account's 31st", '2026-10-31 00:00:00', '2026-10-31 23:59:59', [0, 1, 2]],
  ["the account's 1st, of twenty-five hours", '2026-11-01 00:00:00', '2026-11-01 23:59:59', [3, 4, 5, 6]],
  ["the account's 2nd", '2026-11-02 00:00:00', '2026-11-02 23:59:59', [7]],
  ['the 31st of UTC', '2026-10-31T00:00:00Z', '2026-10-31T23:59:59Z', [0]],
  ['the 1st of UTC', '2026-11-01T00:00:00+00:00', '2026-11-01T23:59:59+00:00', [1, 2, 3, 4, 5]],
  ['the 1st of Shanghai', '2026-11-01T00:00:00+08:00', '2026-11-01T23:59:59+08:00', [0, 1, 2, 3, 4, 5]],
  ['one second', '2026-11-01T04:00:00Z', '2026-11-01T04:00:00Z', [3]],
  ['the second before', '2026-11-01T03:59:59Z', '2026-11-01T03:59:59Z', [2]],
  ['from the first half past one, which is meant of the two', '2026-11-01 01:30:00', '2026-11-01 23:59:59', [4, 5, 6]],
  ['from the second one', '2026-11-01T01:30:00-05:00', '2026-11-01T23:59:59-05:00', [5, 6]],
];

test('each call belongs to the day on which it began, in the zone that the times are in, and to no other', async () => {
  for (const state of ['counted', 'not counted yet'] as const) {
    await sql`delete from call_count`.execute(api.database.db);
    await sql`update call_counting set counted_until = null`.execute(api.database.db);
    if (state === 'counted') assert.equal(await countCalls(api.database.db, never), begun.length);
    for (const [what, from, to, calls] of inEveryZone) {
      assert.deepEqual(await begunIn(from, to), calls, `${what}, ${state}`);
    }
  }
});

test("a record's times are in the account's zone, with the offset of their moment", async () => {
  const answer = await api.post('/voice/recordGroupQuery', {
    params: { strTime: '2026-10-31 23:59:59', endTime: '2026-10-31 23:59:59' },
  });
  const record = at(answer.data, 'records', 0);
  assert.deepEqual(
    [at(record, 'submitTime'), at(record, 'hangupTime'), at(record, 'callDuration')],
    ['2026-10-31T23:59:59-04:00', '2026-11-01T00:00:29-04:00', 30],
  );
  // Found by its id, which has the day of its task, not that of the call.
  const voiceId = textAt(record, 'voiceId');
  assert.match(voiceId, /^261030/);
  assert.deepEqual((await api.request(`/voice/recordGroup/${voiceId}`)).data, record);
  const late = await api.post('/voice/recordGroupQuery', {
    params: { strTime: '2026-11-01 23:59:59', endTime: '2026-11-01 23:59:59' },
  });
  assert.equal(at(late.data, 'records', 0, 'hangupTime'), '2026-11-02T01:06:39-05:00');
});

test('tasks and flows of the first moment of a day are of that day only', async () => {
  for (const [path, key, id] of [
    ['/voice/group/call/query', 'taskId', taskId],
    ['/voice/recallFlow/queryPage', 'keyId', flowId],
  ] as const) {
    const found = async (day: string) => {
      const answer = await api.post(path, { params: { strTime: `${day} 00:00:00`, endTime: `${day} 23:59:59` } });
      assert.equal(at(answer.data, 'total'), recordsOf(answer).length);
      return recordsOf(answer).map((record) => at(record, key));
    };
    assert.deepEqual(await found('2026-10-31'), [], path);
    assert.deepEqual(await found('2026-11-01'), [id], path);
  }
});
