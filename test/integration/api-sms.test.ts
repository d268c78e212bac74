import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../support/api-server.ts';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { addSmsApp } from '../support/sms-fixture.ts';

let api: TestApi;
let appId: string;
before(async () => {
  api = await openTestApi();
  appId = (await addSmsApp(api.database.db, api.account.accountId)).appId;
});
after(() => api.close());

type Answer = { readonly [name: string]: Json };

/** The whole answer: the fields of these endpoints stand beside the result. */
async function post(path: string, body: unknown): Promise<Answer> {
  const answer = await api.post(path, body);
  assert.equal(answer.httpStatus, 200);
  return answer;
}

async function get(path: string, query: Record<string, string>): Promise<Answer> {
  const answer = await api.request(`${path}?${new URLSearchParams(query)}`);
  assert.equal(answer.httpStatus, 200);
  return answer;
}

const two = { numbers: '91856321412,91856321413', content: 'hello world', senderId: '123', orderId: '21412,21413' };

test('the documented request is taken, by POST and by GET, below each of the bases', async () => {
  for (const base of ['/v3', '/sms', '']) {
    for (const answer of [
      await post(`${base}/sendSms`, { appId, ...two }),
      await get(`${base}/sendSms`, { appId, ...two }),
    ]) {
      assert.deepEqual([answer.status, answer.reason, answer.success, answer.fail], ['0', 'success', '2', '0']);
      const array = listAt(answer, 'array');
      assert.deepEqual(
        array.map((entry) => [at(entry, 'number'), at(entry, 'orderId')]),
        [
          ['91856321412', '21412'],
          ['91856321413', '21413'],
        ],
      );
      assert.match(textAt(at(array[0] ?? null, 'msgId')), /^\d{19}$/);
      assert.deepEqual(at(answer.data ?? null, 'array'), answer.array);
    }
  }
});

test('a batch has a text for each entry', async () => {
  const array = [
    { numbers: '91856321412,91856321413', content: 'one', orderId: '1,2' },
    { numbers: '91856321414', content: 'two', senderId: '' },
  ];
  const answer = await post('/v3/sendSms/batch', { appId, array });
  assert.deepEqual([answer.status, answer.success, answer.fail], ['0', '3', '0']);
  const ids = listAt(answer, 'array').map((entry) => textAt(at(entry, 'msgId')));
  const contents = await Promise.all(
    ids.map(async (id) => at((await api.admin('GET', `/sms-messages/${id}`)).body, 'content')),
  );
  assert.deepEqual(contents, ['one', 'one', 'two']);
});

test('numbers that are none are counted, and the others sent', async () => {
  const answer = await post('/v3/sendSms', { appId, numbers: '91856321412,+49,abc', content: 'x' });
  assert.deepEqual([answer.status, answer.success, answer.fail], ['0', '1', '2']);
});

test('what is wrong has the code of the pages, and nothing is stored', async () => {
  const many = Array.from({ length: 1001 }, (_, index) => String(91_856_000_000 + index)).join(',');
  const before = await api.admin('GET', '/sms-messages');
  const bad: [object, string, RegExp][] = [
    [{ ...two, content: '' }, '-4', /content is empty/],
    [{ ...two, content: 'x'.repeat(1025) }, '-5', /at most 1024 characters, got 1025/],
    [{ ...two, numbers: many, orderId: null }, '-7', /at most 1000/],
    [{ ...two, numbers: ' , ' }, '-8', /numbers is empty/],
    [{ ...two, numbers: '12', orderId: null }, '-9', /e.g. "12"/],
    [{ ...two, orderId: '1' }, '-21', /as many as numbers, 2/],
    [{ ...two, senderId: 'x'.repeat(33) }, '-22', /senderId/],
    [{ ...two, appId: api.appId }, '-24', /is not an sms application/],
    [{ ...two, appId: 'nobody' }, '-24', /is not an sms application/],
  ];
  for (const [fields, code, message] of bad) {
    const answer = await post('/v3/sendSms', { appId, ...fields });
    assert.equal(answer.status, code, JSON.stringify(fields).slice(0, 100));
    assert.equal(answer.code, Number(code));
    assert.match(String(answer.reason), message);
  }
  // Of a batch, too: one text that is wrong keeps the others from being sent.
  const batch = await post('/v3/sendSms/batch', { appId, array: [two, { ...two, content: '' }] });
  assert.equal(batch.status, '-4');
  assert.match(String(batch.reason), /^array\[1\]\.content/);
  const tooMany = await get('/v3/sendSms', { appId, numbers: many.split(',').slice(0, 101).join(','), content: 'x' });
  assert.equal(tooMany.status, '-7');
  const spare = await addSmsApp(api.database.db, api.account.accountId);
  await api.admin('PATCH', `/apps/${spare.appId}`, { smsChannelId: null });
  assert.equal((await post('/v3/sendSms', { appId: spare.appId, ...two })).status, '-19');
  assert.equal(at((await api.admin('GET', '/sms-messages')).body, 'total'), at(before.body, 'total'));
});

test('reports count what is delivered, failed, under way and unknown', async () => {
  const sent = await post('/v3/sendSms', {
    appId,
    numbers: '91856321410,91856321411,91856321412,91856321413',
    content: 'x',
  });
  const ids = listAt(sent, 'array').map((entry) => textAt(at(entry, 'msgId')));
  const states = ['delivered', 'failed', 'sent', 'queued'] as const;
  for (const [index, state] of states.entries()) {
    const smsId = Number(ids[index]?.slice(6));
    await api.database.db
      .updateTable('sms_message')
      .set({ state, done_at: new Date('2021-02-12T01:30:03Z') })
      .where('sms_id', '=', smsId)
      .execute();
  }
  const answer = await get('/v3/getReport', { appId, msgIds: [...ids, '2108021054011000095', 'x'].join(',') });
  const counts = ['status', 'success', 'fail', 'sending', 'nofound'].map((name) => answer[name]);
  assert.deepEqual(counts, ['0', '1', '1', '1', '3']);
  const array = listAt(answer, 'array');
  assert.deepEqual(
    array.map((entry) => at(entry, 'status')),
    ['0', '1', '-1'],
  );
  assert.deepEqual(at(array[0] ?? null, 'receiveTime'), '2021-02-12T09:30:03+08:00');
  assert.equal((await get('/v3/getReport', { appId, msgIds: '' })).status, '-14');
  // Another app's messages are nobody's.
  const other = await addSmsApp(api.database.db, api.account.accountId);
  assert.equal((await get('/v3/getReport', { appId: other.appId, msgIds: ids.join(',') })).nofound, '4');
});

test('a period has its messages, page by page', async () => {
  const { appId: own } = await addSmsApp(api.database.db, api.account.accountId);
  await post('/v3/sendSms', { appId: own, numbers: '91856321412,91856321413', content: 'x' });
  await api.database.db
    .updateTable('sms_message')
    .set({ state: 'expired' })
    .where('app_id', '=', own)
    .where('number', '=', '91856321413')
    .execute();
  const timeAt = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}+00:00`;
  const span = { appId: own, startTime: timeAt(-60_000), endTime: timeAt(60_000) };
  const answer = await get('/v3/getSentRcd', span);
  assert.deepEqual([answer.status, answer.success, answer.fail], ['0', '0', '1']);
  assert.deepEqual(
    listAt(answer, 'array').map((entry) => at(entry, 'status')),
    ['-1', '2'],
  );
  assert.equal(listAt(await get('/v3/getSentRcd', { ...span, startIndex: '1' }), 'array').length, 1);
  assert.equal(listAt(await post('/sms/getSentRcd', span), 'array').length, 2);
  // As clients write it that do not encode the plus.
  const raw = await api.request(`/v3/getSentRcd?appId=${own}&startTime=${span.startTime}&endTime=${span.endTime}`);
  assert.equal(listAt({ ...raw }, 'array').length, 2);
  const wrong: [Record<string, string>, string][] = [
    [{ startTime: 'yesterday' }, '-11'],
    [{ endTime: timeAt(-86_400_000) }, '-11'],
    [{ endTime: timeAt(32 * 86_400_000) }, '-25'],
  ];
  for (const [fields, code] of wrong) assert.equal((await get('/v3/getSentRcd', { ...span, ...fields })).status, code);
});

test('only the documented methods, and only with a signature', async () => {
  const unsigned = await api.request('/v3/sendSms?appId=x', { headers: {} });
  assert.equal(unsigned.status, '-1');
  const get = await api.request('/v3/sendSms/batch');
  assert.match(get.reason, /there is no GET/);
});
