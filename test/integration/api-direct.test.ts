import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ApiAnswer } from '../support/api-server.ts';
import { openTaskApi, pick, type TaskApi } from '../support/api-task.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';

let api: TaskApi;
before(async () => {
  api = await openTaskApi();
});
after(() => api.close());

const sendGroup = (fields: object = {}) =>
  api.post('/v3/voice/sendGroup', {
    ...{ appId: api.appId, fileId: api.voiceFileId, callee: '932111111111,932111111112' },
    ...fields,
  });
const sendCode = (fields: object = {}) =>
  api.post('/v3/voice/sendCode', {
    ...{ appId: api.appId, callee: '932111111111', language: 'EN', text: 'Your code is 1,2,3,4' },
    ...fields,
  });
const sendIvr = (numberList: readonly object[], fields: object = {}) =>
  api.post('/v3/voice/sendIvr', { appId: api.appId, numberList, ...fields });

async function templateOf(fields: object): Promise<number> {
  const account = { accountId: api.account.accountId, lan: 'EN', name: api.unique() };
  const made = await api.admin('POST', '/templates', { ...account, ...fields });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return numberAt(made.body, 'templateId');
}

/** The hidden tasks behind voice ids. */
async function tasksOf(...voiceIds: readonly string[]) {
  const ids = voiceIds.map((voiceId) => Number(voiceId.slice(6, -6)));
  return api.database.db
    .selectFrom('task')
    .selectAll()
    .where('task_id', 'in', [...new Set(ids)])
    .orderBy('task_id')
    .execute();
}

const calleesOf = async (taskId: number) =>
  api.database.db
    .selectFrom('callee')
    .select(['seq', 'number', 'variables'])
    .where('task_id', '=', taskId)
    .orderBy('seq')
    .execute();

const refused = (answer: ApiAnswer, pattern: RegExp) => {
  assert.deepEqual([answer.httpStatus, answer.code, answer.status, answer.data], [200, -22, '-22', null], answer.msg);
  assert.match(answer.msg, pattern);
};

describe('sendGroup', () => {
  test('each number has a voice id, in the order given, and is a call of one hidden task that begins at once', async () => {
    const answer = await sendGroup({
      ...{ displayNum: '1008122211', maxDuration: '50', maxRingingTime: 30, loopCount: 2, calledInfo: 'order 7' },
    });
    assert.deepEqual([answer.code, answer.status, answer.reason], [0, '0', 'success']);
    const results = listAt(answer.data);
    assert.deepEqual(
      results.map((result) => pick(result, 'callee', 'terminationCode', 'terminationReason')),
      ['932111111111', '932111111112'].map((callee) => ({
        ...{ callee, terminationCode: '0', terminationReason: 'success' },
      })),
    );
    const voiceIds = results.map((result) => textAt(result, 'voiceId'));
    const [task, ...others] = await tasksOf(...voiceIds);
    assert.ok(task);
    assert.equal(others.length, 0);
    assert.deepEqual(
      voiceIds.map((voiceId) => voiceId.slice(-6)),
      ['000001', '000002'],
    );
    const { status, is_hidden, call_type, called_info, display_num, max_call_s, max_ringing_s, loop_count } = task;
    assert.deepEqual(
      { status, is_hidden, call_type, called_info, display_num, max_call_s, max_ringing_s, loop_count },
      {
        ...{ status: 1, is_hidden: true, call_type: 1, called_info: 'order 7', display_num: '1008122211' },
        ...{ max_call_s: 50, max_ringing_s: 30, loop_count: 2 },
      },
    );
    assert.deepEqual(
      (await calleesOf(task.task_id)).map(({ number }) => number),
      ['932111111111', '932111111112'],
    );
  });

  test('defaults', async () => {
    const answer = await api.post('//voice/sendGroup', {
      ...{ appId: api.appId, fileId: api.voiceFileId, callee: 932111111111, displayNum: null, calledInfo: null },
    });
    const [task] = await tasksOf(textAt(answer.data, 0, 'voiceId'));
    assert.ok(task);
    const { max_call_s, max_ringing_s, loop_count, display_num, called_info, delay_play_s } = task;
    assert.deepEqual(
      { max_call_s, max_ringing_s, loop_count, display_num, called_info, delay_play_s },
      { max_call_s: 120, max_ringing_s: 60, loop_count: 1, display_num: null, called_info: null, delay_play_s: 0 },
    );
  });

  test('a bad number is told of and not called, a repeated one is called once', async () => {
    const answer = await sendGroup({ callee: ' 932111111111 , +932111111112,123456,,932111111113,932111111111,' });
    const results = listAt(answer.data);
    assert.deepEqual(
      results.map((result) => [textAt(result, 'callee'), textAt(result, 'terminationCode')]),
      [
        ['932111111111', '0'],
        ['+932111111112', '-22'],
        ['123456', '-22'],
        ['932111111113', '0'],
        ['932111111111', '0'],
      ],
    );
    assert.equal(at(results[1] ?? null, 'voiceId'), null);
    assert.match(textAt(results[1] ?? null, 'terminationReason'), /7 to 15 digits/);
    assert.equal(at(results[4] ?? null, 'voiceId'), at(results[0] ?? null, 'voiceId'));
    const [task] = await tasksOf(textAt(results[0] ?? null, 'voiceId'));
    assert.deepEqual(
      (await calleesOf(task?.task_id ?? 0)).map(({ number }) => number),
      ['932111111111', '932111111113'],
    );
  });

  test('nobody to call is an answer, and no task', async () => {
    const count = async () => (await api.database.db.selectFrom('task').select('task_id').execute()).length;
    const before = await count();
    const answer = await sendGroup({ callee: 'x'.repeat(200) });
    assert.equal(answer.code, 0);
    assert.equal(textAt(answer.data, 0, 'callee').length, 43);
    assert.equal(await count(), before);
  });

  test('1000 numbers', async () => {
    const thousand = Array.from({ length: 1000 }, (_, index) => String(932_100_000_000 + index));
    const answer = await sendGroup({ callee: thousand.join(',') });
    assert.equal(answer.code, 0, answer.msg);
    assert.equal(new Set(listAt(answer.data).map((result) => textAt(result, 'voiceId'))).size, 1000);
    refused(await sendGroup({ callee: [...thousand, '1234567'].join(',') }), /^callee: must have 1 to 1000 entries/);
  });

  const cases: readonly [string, object, RegExp][] = [
    ['no callee', { callee: null }, /^callee: is required/],
    ['a callee of commas', { callee: ',,' }, /^callee: must have 1 to 1000/],
    ['no fileId', { fileId: null }, /^fileId: is required/],
    ['an unknown fileId', { fileId: 'x.mp3' }, /^fileId: must be a voice file/],
    ['no appId', { appId: null }, /^appId: is required/],
    ['an unknown appId', { appId: 'x' }, /^appId: must be a voice application/],
    ['displayNum of 6 digits', { displayNum: '123456' }, /^displayNum: /],
    ['displayNum of 16 digits', { displayNum: '1'.repeat(16) }, /^displayNum: /],
    ['maxDuration 0', { maxDuration: 0 }, /^maxDuration: .*1 to 120/],
    ['maxDuration 121', { maxDuration: 121 }, /^maxDuration: /],
    ['maxRingingTime 19', { maxRingingTime: 19 }, /^maxRingingTime: .*20 to 120/],
    ['maxRingingTime 121', { maxRingingTime: 121 }, /^maxRingingTime: /],
    ['loopCount 0', { loopCount: 0 }, /^loopCount: .*1 to 9/],
    ['loopCount 10', { loopCount: 10 }, /^loopCount: /],
    ['calledInfo of 1001', { calledInfo: 'x'.repeat(1001) }, /^calledInfo: must have at most 1000/],
  ];
  for (const [what, fields, message] of cases) {
    test(`${what} is -22`, async () => refused(await sendGroup(fields), message));
  }
});

describe('sendCode', () => {
  test('answers the voice id, of a hidden task with its audio ready', async () => {
    const answer = await sendCode({
      ...{ language: 'en', accent: 91, ssmlGender: '2', speakingRate: '1', delayPlay: 1, delayHangup: 2 },
      ...{ loopCount: 3, maxDuration: 30, recallCount: 0, recallInterval: 0, calledInfo: 'c' },
    });
    assert.deepEqual([answer.code, answer.status], [0, '0'], answer.msg);
    const [task] = await tasksOf(textAt(answer.data));
    assert.ok(task);
    assert.notEqual(task.prompt_id, null);
    const { status, call_type, rounds_left, delay_play_s, delay_hangup_s, loop_count, max_call_s } = task;
    assert.deepEqual(
      { status, call_type, rounds_left, delay_play_s, delay_hangup_s, loop_count, max_call_s },
      {
        ...{ status: 1, call_type: 2, rounds_left: 0, delay_play_s: 1, delay_hangup_s: 2 },
        loop_count: 3,
        max_call_s: 30,
      },
    );
    assert.deepEqual(
      api.jobs.filter(({ data }) => 'taskId' in data && data.taskId === task.task_id),
      [],
      'no job is waited for',
    );
    const again = await tasksOf(textAt((await sendCode()).data), textAt((await sendCode()).data));
    assert.equal(again[0]?.prompt_id, again[1]?.prompt_id, 'the same words are spoken once');
  });

  test('the text has 800 characters, in some languages 299', async () => {
    for (const [language, most] of [
      ['EN', 800],
      ['VN', 299],
      ['idn', 299],
      ['TH', 299],
    ] as const) {
      assert.equal((await sendCode({ language, text: 'a'.repeat(most) })).code, 0);
      refused(await sendCode({ language, text: 'a'.repeat(most + 1) }), new RegExp(`^text: .*${most} characters`));
    }
  });

  test('a synthesizer that is away is ours to answer for, a text that it will not speak is not', async () => {
    const away = await sendCode({ text: 'say @fault' });
    assert.equal(away.code, -18, away.msg);
    refused(await sendCode({ text: 'say @never' }), /^text: cannot be spoken/);
  });

  test('a recall is a flow that the client does not see', async () => {
    const answer = await sendCode({ recallCount: 10, recallInterval: 999 });
    const [task] = await tasksOf(textAt(answer.data));
    assert.equal(task?.rounds_left, 10);
    const flow = await api.database.db
      .selectFrom('recall_flow')
      .select(['is_hidden', 'recall_type', 'interval_min', 'recall_num'])
      .where('task_id', '=', task?.task_id ?? 0)
      .executeTakeFirst();
    assert.deepEqual(flow, { is_hidden: true, recall_type: 1, interval_min: 999, recall_num: 10 });
    const byDefault = await tasksOf(textAt((await sendCode({ recallCount: 1 })).data));
    const { interval_min } = await api.database.db
      .selectFrom('recall_flow')
      .select('interval_min')
      .where('task_id', '=', byDefault[0]?.task_id ?? 0)
      .executeTakeFirstOrThrow();
    assert.equal(interval_min, 5);
  });

  const cases: readonly [string, object, RegExp][] = [
    ['no callee', { callee: null }, /^callee: is required/],
    ['two callees', { callee: '932111111111,932111111112' }, /^callee: must be 7 to 15 digits/],
    ['a callee of 6 digits', { callee: '123456' }, /^callee: /],
    ['a callee of 16 digits', { callee: '1'.repeat(16) }, /^callee: /],
    ['no language', { language: null }, /^language: is required/],
    ['an unknown language', { language: 'XX' }, /^language: language "XX" is not known; known are VN, EN/],
    ['a language without a voice', { language: 'PH' }, /^language: /],
    ['no text', { text: null }, /^text: is required/],
    ['a text of signs', { text: '...' }, /^text: has no words/],
    ['SSML that is not spoken here', { text: '<speak><audio/></speak>' }, /^text: SSML element <audio>/],
    ['an unknown appId', { appId: 'x' }, /^appId: /],
    ['displayNum with +', { displayNum: '+1008122211' }, /^displayNum: /],
    ['loopCount 10', { loopCount: 10 }, /^loopCount: /],
    ['calledInfo of 1001', { calledInfo: 'x'.repeat(1001) }, /^calledInfo: /],
    ['recallCount 11', { recallCount: 11 }, /^recallCount: .*0 to 10/],
    ['recallInterval 0 with a recall', { recallCount: 1, recallInterval: 0 }, /^recallInterval: .*1 to 999/],
    ['recallInterval 1000', { recallCount: 1, recallInterval: 1000 }, /^recallInterval: /],
    ['maxDuration 121', { maxDuration: 121 }, /^maxDuration: /],
    ['maxRingingTime 19', { maxRingingTime: 19 }, /^maxRingingTime: /],
    ['an accent of letters', { accent: 'US' }, /^accent: /],
    ['ssmlGender 3', { ssmlGender: 3 }, /^ssmlGender: /],
    ['speakingRate 5', { speakingRate: 5 }, /^speakingRate: /],
    ['delayPlay 1000', { delayPlay: 1000 }, /^delayPlay: /],
    ['delayHangup -1', { delayHangup: -1 }, /^delayHangup: /],
  ];
  for (const [what, fields, message] of cases) {
    test(`${what} is -22`, async () => refused(await sendCode(fields), message));
  }
});

describe('sendIvr', () => {
  test('rows of two templates are answered in their order, with the variables that are used', async () => {
    const greeting = await templateOf({
      text: 'Hello {Text1}, you owe {text2}',
      maxCallS: 33,
      displayNum: '1008122211',
    });
    const reminder = await templateOf({ text: 'Do not forget us', loopCount: 2 });
    const answer = await sendIvr([
      { callee: '932111111111', dimensionId: greeting, text1: 'Tom', text2: 12, text3: 'unused' },
      { callee: '932111111112', dimensionId: String(reminder), text1: 'unused' },
      { callee: '932111111113', dimensionId: greeting, text1: 'Ann', text2: '13', text10: null },
    ]);
    assert.equal(answer.code, 0, answer.msg);
    const voiceIds = listAt(answer.data).map((result) => textAt(result, 'voiceId'));
    const [first, second, ...others] = await tasksOf(...voiceIds);
    assert.ok(first && second);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [first, second].map((task) => [task.template_id, task.status, task.prompt_id === null, task.max_call_s]),
      [
        [greeting, 1, true, 33],
        [reminder, 1, false, 120],
      ],
    );
    assert.deepEqual([first.display_num, second.loop_count], ['1008122211', 2]);
    assert.deepEqual(await calleesOf(first.task_id), [
      { seq: 1, number: '932111111111', variables: ['Tom', '12'] },
      { seq: 2, number: '932111111113', variables: ['Ann', '13'] },
    ]);
    assert.deepEqual(await calleesOf(second.task_id), [{ seq: 1, number: '932111111112', variables: null }]);
  });

  test('a row that cannot be called is told of, the others are called', async () => {
    const template = await templateOf({ text: `Hello \${TEXT1}` });
    const of = (callee: string, fields: object) => ({ callee, dimensionId: template, text1: 'Tom', ...fields });
    const answer = await sendIvr([
      of('123456', {}),
      of('1'.repeat(19), {}),
      of('932111111111', { text1: '' }),
      of('932111111112', { text1: 'a'.repeat(200), text2: 'b'.repeat(101) }),
      of('932111111113', { dimensionId: 999_999 }),
      of('932111111114', { text1: 'a'.repeat(300) }),
      of('932111111114', { text1: 'something else' }),
      of('932111111114', { text1: 'something else' }),
    ]);
    assert.equal(answer.code, 0, answer.msg);
    assert.deepEqual(
      listAt(answer.data).map((result) => textAt(result, 'terminationCode')),
      ['-22', '-22', '-22', '-22', '-22', '0', '0', '0'],
    );
    const reason = (row: number) => textAt(answer.data, row, 'terminationReason');
    assert.match(reason(0), /7 to 18 digits/);
    assert.match(reason(2), /text1 is missing/);
    assert.match(reason(3), /301 characters together, at most 300/);
    assert.match(reason(4), /template 999999 does not exist/);
    const voiceId = (row: number): Json => at(answer.data, row, 'voiceId');
    assert.notEqual(voiceId(5), voiceId(6), 'told something else');
    assert.equal(voiceId(6), voiceId(7), 'told the same');
  });

  test("another account's template does not exist, and a deleted one neither", async () => {
    const other = await api.admin('POST', '/accounts', { name: api.unique() });
    const theirs = await templateOf({ text: 'theirs', accountId: numberAt(other.body, 'accountId') });
    const deleted = await templateOf({ text: 'gone' });
    assert.equal((await api.admin('DELETE', `/templates/${deleted}`)).status, 204);
    for (const dimensionId of [theirs, deleted]) {
      const answer = await sendIvr([{ callee: '932111111111', dimensionId }]);
      assert.match(textAt(answer.data, 0, 'terminationReason'), /does not exist/);
    }
  });

  test('what is wrong with the request as a whole is -22', async () => {
    const row = { callee: '932111111111', dimensionId: 1 };
    refused(await sendIvr([]), /^numberList: must have 1 to 1000 entries/);
    refused(await sendIvr(Array(1001).fill(row)), /^numberList: must have 1 to 1000 entries/);
    refused(await sendIvr([row], { numberList: null }), /^numberList: is required/);
    refused(await sendIvr([row], { appId: 'x' }), /^appId: /);
    refused(await sendIvr([{ ...row, callee: null }]), /^numberList\[0\]\.callee: is required/);
    refused(await sendIvr([row, { ...row, dimensionId: 'a' }]), /^numberList\[1\]\.dimensionId: /);
    refused(await sendIvr([{ ...row, text1: {} }]), /^numberList\[0\]\.text1: must be a text/);
    refused(await sendIvr([row], { numberList: [null] }), /^numberList\[0\]: /);
  });
});

describe('calls that somebody has to pay for', () => {
  const callee = '932111111111';
  const everyKind = async () => {
    const dimensionId = await templateOf({ text: 'Hello' });
    return [await sendGroup({ callee }), await sendCode({ callee }), await sendIvr([{ callee, dimensionId }])];
  };
  const changeAccount = (change: object) =>
    api.database.db.updateTable('account').set(change).where('account_id', '=', api.account.accountId).execute();
  const tasks = async () => (await api.database.db.selectFrom('task').select('task_id').execute()).length;
  before(async () => {
    const { db } = api.database;
    const table = { name: 'rates', currency: 'EUR', quote_exchange: '1.1' };
    const { rate_table_id } = await db
      .insertInto('rate_table')
      .values(table)
      .returning('rate_table_id')
      .executeTakeFirstOrThrow();
    const rate = { rate_table_id, prefix: '932', code: 'somewhere', first_s: 60, step_s: 60, rate: '0.5' };
    await db
      .insertInto('rate')
      .values({ ...rate, quote_exchange: '1.1' })
      .execute();
    await changeAccount({ rate_table_id, requires_rate: true });
  });
  after(async () => {
    await api.database.db.deleteFrom('account_balance').execute();
    await changeAccount({ rate_table_id: null, requires_rate: false });
  });

  test('a number without a rate is -26 where the account demands one, and nothing is called', async () => {
    const count = await tasks();
    const answer = await sendGroup({ callee: '932111111111,4930111111' });
    assert.deepEqual([answer.code, answer.data], [-26, null], answer.msg);
    assert.equal((await sendCode({ callee: '4930111111' })).code, -26);
    assert.equal(await tasks(), count);
    for (const accepted of await everyKind()) assert.equal(accepted.code, 0, accepted.msg);
  });

  test('a balance that is used up is -10, and nothing is called', async () => {
    const payer = { account_id: api.account.accountId, currency: 'EUR' };
    await api.database.db.insertInto('account_balance').values(payer).execute();
    const count = await tasks();
    for (const refusal of await everyKind()) assert.deepEqual([refusal.code, refusal.data], [-10, null], refusal.msg);
    assert.equal(await tasks(), count);
    await api.database.db.updateTable('account_balance').set({ balance: '1' }).execute();
    for (const accepted of await everyKind()) assert.equal(accepted.code, 0, accepted.msg);
  });
});

describe('templates', () => {
  test('are made with defaults, shown, listed by account, changed and deleted', async () => {
    const id = await templateOf({ text: 'Hello', lan: 'en', name: 'greeting' });
    const shown = await api.admin('GET', `/templates/${id}`);
    assert.deepEqual(pick(shown.body, 'name', 'lan', 'accent', 'maxRingingS', 'loopCount', 'maxCallS', 'delayPlayS'), {
      ...{ name: 'greeting', lan: 'EN', accent: null, maxRingingS: 60, loopCount: 1, maxCallS: 120, delayPlayS: 0 },
    });
    const changed = await api.admin('PATCH', `/templates/${id}`, { text: 'Goodbye', speakingRate: 1.5 });
    assert.deepEqual(pick(changed.body, 'name', 'text', 'speakingRate', 'maxCallS'), {
      ...{ name: 'greeting', text: 'Goodbye', speakingRate: 1.5, maxCallS: 120 },
    });
    const listed = await api.admin('GET', `/templates?accountId=${api.account.accountId}&pageSize=200`);
    assert.ok(listAt(listed.body, 'items').some((item) => at(item, 'templateId') === id));
    const none = await api.admin('GET', '/templates?accountId=999999');
    assert.equal(at(none.body, 'total'), 0);
    assert.equal((await api.admin('DELETE', `/templates/${id}`)).status, 204);
    for (const method of ['GET', 'DELETE'] as const)
      assert.equal((await api.admin(method, `/templates/${id}`)).status, 404);
    assert.equal((await api.admin('PATCH', `/templates/${id}`, { text: 'x' })).status, 404);
  });

  test('what cannot be spoken, or is named twice, is refused', async () => {
    const id = await templateOf({ text: 'Hello', name: 'taken' });
    const other = await templateOf({ text: 'Hello' });
    const of = { accountId: api.account.accountId, lan: 'EN', text: 'Hello', name: api.unique() };
    const make = (fields: object) => api.admin('POST', '/templates', { ...of, ...fields });
    assert.equal((await make({ name: 'taken' })).status, 409);
    assert.equal((await api.admin('PATCH', `/templates/${other}`, { name: 'taken' })).status, 409);
    assert.equal((await make({ accountId: 999_999 })).status, 404);
    for (const bad of [
      { lan: 'XX' },
      { text: '<speak><audio/></speak>' },
      { text: '...' },
      { text: 'NUL \0' },
      { loopCount: 10 },
      { maxRingingS: 19 },
      { accent: 'US' },
      { displayNum: '+1' },
      { surplus: 1 },
    ]) {
      const answer = await make(bad);
      assert.ok(answer.status === 400 || answer.status === 422, `${JSON.stringify(bad)}: ${answer.status}`);
    }
    assert.notEqual((await api.admin('PATCH', `/templates/${id}`, { lan: 'PH' })).status, 200);
  });
});
