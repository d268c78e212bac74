import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { writeTraces } from '../../src/domain/trace/trace-store.ts';
import { adminToken, openTestApi, type TestApi } from '../support/api-server.ts';
import { addTrunk } from '../support/dialer-fixture.ts';
import { callEverybody, testScheduling } from '../support/domain-fixture.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { goodMedia } from '../support/media-stats.ts';
import { sampleTrace } from '../support/sample-trace.ts';

const machine = { result: 'machine', evidence: { speechMs: 4200, isBeep: false, words: 'none' }, decidedAfterMs: 2100 };

let api: TestApi;
let taskId: number;
let trunkId: number;
before(async () => {
  api = await openTestApi();
  const sent = await api.post('/voice/group/call/send', {
    appId: api.appId,
    taskName: 'calls',
    numberList: ['8613800000001', '8613800000002', '8613800000003', '8613800000004'],
    source: 3,
    text: 'hi',
    lan: 'EN',
    loopCount: 1,
    maxCalls: 9,
  });
  taskId = numberAt(sent.data);
  const { db } = api.database;
  trunkId = await addTrunk(db, { cps: 1, channels: 1 });
  await db.updateTable('task').set({ status: 1 }).where('task_id', '=', taskId).execute();
  await callEverybody({ db, scheduling: testScheduling() }, taskId, (seq) => (seq === 1 ? 50 : 10));
  const heard = { media: JSON.stringify(goodMedia), machine: JSON.stringify(machine) };
  await db
    .updateTable('call')
    .set({ trunk_id: trunkId, q850_cause: 17, ...heard })
    .where('seq', '=', 2)
    .execute();
});
after(() => api.close());

const calls = async (query = ''): Promise<Json> => (await api.admin('GET', `/tasks/${taskId}/calls${query}`)).body;

/** A GET with the right token, as it comes. */
const raw = (path: string, headers: Record<string, string> = {}) =>
  api.inject({ url: `/admin/v1${path}`, headers: { authorization: `Bearer ${adminToken}`, ...headers } });

describe('the calls of a task', () => {
  it('are listed by seq, in pages', async () => {
    const page = await calls('?page=2&pageSize=3');
    assert.deepEqual([at(page, 'total'), at(page, 'page'), at(page, 'pageSize')], [4, 2, 3]);
    assert.deepEqual(
      listAt(page, 'items').map((call) => at(call, 'seq')),
      [4],
    );
  });

  it('are found by state, status and number', async () => {
    const seqs = async (query: string): Promise<Json[]> =>
      listAt(await calls(query), 'items').map((call) => at(call, 'seq'));
    assert.deepEqual(await seqs('?callStatus=10'), [2, 3, 4]);
    assert.deepEqual(await seqs('?callStatus=10&number=8613800000003'), [3]);
    assert.deepEqual(await seqs('?state=dialing'), []);
    assert.equal((await api.admin('GET', `/tasks/${taskId}/calls?callStatus=11`)).status, 400);
    assert.equal((await api.admin('GET', `/tasks/${taskId}/calls?state=gone`)).status, 400);
  });

  it('are shown whole', async () => {
    const call = (await api.admin('GET', `/tasks/${taskId}/calls/2`)).body;
    const expected = {
      taskId,
      seq: 2,
      number: '8613800000002',
      state: 'ended',
      trunkId,
      attempt: 1,
      outcomeClass: 'callee',
      callStatus: 10,
      terminationCode: '486',
      sipStatus: 486,
      q850Cause: 17,
      answeredAt: null,
      digits: null,
      media: goodMedia,
      machine,
      hasTrace: false,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, at(call, key)])), expected);
    assert.match(textAt(call, 'trunkName'), /^[0-9a-f-]{36}$/);
  });

  it('and those that do not exist are 404', async () => {
    assert.equal((await api.admin('GET', `/tasks/${taskId}/calls/5`)).status, 404);
    assert.equal((await api.admin('GET', '/tasks/1/calls')).status, 404);
    assert.equal((await api.admin('GET', `/tasks/${taskId}/calls/0`)).status, 400);
  });
});

describe('the trace of a call', () => {
  it('that has none is 404, and the answer says how to get one', async () => {
    const answer = await api.admin('GET', `/tasks/${taskId}/calls/3/trace`);
    assert.equal(answer.status, 404);
    assert.equal(at(answer.body, 'code'), 'noTrace');
    assert.match(textAt(answer.body, 'detail'), /POST \/admin\/v1\/trace-rules/);
    for (const form of ['txt', 'svg', 'pcap'])
      assert.equal((await raw(`/tasks/${taskId}/calls/3/trace.${form}`)).statusCode, 404);
  });

  it('comes as JSON, as a ladder, as a picture and as a capture file', async () => {
    const { db } = api.database;
    const { created_day: createdDay } = await db
      .selectFrom('task')
      .select('created_day')
      .where('task_id', '=', taskId)
      .executeTakeFirstOrThrow();
    await writeTraces(db, [{ traceRuleId: 1, trace: sampleTrace({ createdDay, taskId, seq: 2 }) }], new Map());
    const path = `/tasks/${taskId}/calls/2`;
    assert.equal(at((await api.admin('GET', path)).body, 'hasTrace'), true);

    const { body } = await api.admin('GET', `${path}/trace`);
    const [note, , invite] = listAt(body, 'events');
    assert.deepEqual(note, {
      type: 'note',
      at: '2026-11-26T12:00:00.250000Z',
      atUs: 0,
      kind: 'call',
      text: 'task 5000001, callee 9: 8613800000001',
    });
    assert.ok(invite);
    assert.match(
      textAt(invite, 'text'),
      /^INVITE sip:8613800000001@carrier\.example SIP\/2\.0\r\n.*\r\na=sendrecv\r\n$/s,
    );
    assert.deepEqual(
      { ...Object(invite), text: '' },
      {
        type: 'message',
        at: '2026-11-26T12:00:00.251500Z',
        atUs: 1500,
        direction: 'sent',
        transport: 'udp',
        local: { address: '192.0.2.10', port: 5060 },
        remote: { address: '198.51.100.1', port: 5060 },
        isAgain: false,
        summary: 'INVITE',
        text: '',
      },
    );

    const ladder = await raw(`${path}/trace.txt`);
    assert.deepEqual(
      [ladder.headers['content-type'], ladder.headers['cache-control']],
      ['text/plain; charset=utf-8', 'no-store'],
    );
    assert.match(
      ladder.body,
      /^Call 2 of task \d+ to 8613800000002, attempt 1 over trunk \d+ \(.*\)\nStatus 10, code 486: .*, SIP 486, Q\.850 cause 17\n/,
    );
    assert.match(ladder.body, /\|<-+ 503 Service Unavailable -+\|/);
    assert.equal((await raw(`${path}/trace`, { accept: 'text/plain' })).body, ladder.body);

    const picture = await raw(`${path}/trace.svg`);
    assert.equal(picture.headers['content-type'], 'image/svg+xml');
    assert.match(picture.body, /^<svg .*<\/svg>\n$/s);

    const capture = await raw(`${path}/trace.pcap`);
    assert.equal(capture.headers['content-type'], 'application/vnd.tcpdump.pcap');
    assert.equal(capture.headers['content-disposition'], `inline; filename="call-${taskId}-2.pcap"`);
    assert.equal(capture.rawPayload.readUInt32LE(0), 0xa1b2c3d4);
  });
});

describe('trace rules', () => {
  it('are made, shown, listed and deleted', async () => {
    const made = await api.admin('POST', '/trace-rules', { taskId, trunkId, number: '8613800000001', maxCalls: 3 });
    assert.equal(made.status, 201);
    const id = numberAt(made.body, 'traceRuleId');
    const { expiresAt, createdAt, ...rest } = Object(made.body);
    assert.deepEqual(rest, {
      ...{ traceRuleId: id, taskId, trunkId, number: '8613800000001' },
      ...{ maxCalls: 3, tracedCalls: 0, lostCalls: 0, isActive: true },
    });
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.parse(createdAt) - 3_600_000) < 60_000);
    assert.deepEqual((await api.admin('GET', `/trace-rules/${id}`)).body, made.body);
    assert.deepEqual(listAt((await api.admin('GET', '/trace-rules')).body, 'items')[0], made.body);
    assert.equal((await api.admin('DELETE', `/trace-rules/${id}`)).status, 204);
    assert.equal((await api.admin('GET', `/trace-rules/${id}`)).status, 404);
    assert.equal((await api.admin('DELETE', `/trace-rules/${id}`)).status, 404);
  });

  it('want every call where nothing is given, ten of them, for an hour', async () => {
    const { body } = await api.admin('POST', '/trace-rules', {});
    assert.deepEqual(
      [at(body, 'taskId'), at(body, 'trunkId'), at(body, 'number'), at(body, 'maxCalls')],
      [null, null, null, 10],
    );
  });

  it('are refused where they cannot be', async () => {
    const status = async (body: object): Promise<number> => (await api.admin('POST', '/trace-rules', body)).status;
    assert.equal(await status({ taskId: 1 }), 404);
    assert.equal(await status({ trunkId: 999 }), 404);
    assert.equal(await status({ number: '+86138' }), 400);
    assert.equal(await status({ maxCalls: 0 }), 400);
    assert.equal(await status({ expiresAt: new Date(Date.now() - 1000).toISOString() }), 400);
    assert.equal(await status({ expiresAt: new Date(Date.now() + 8 * 86_400_000).toISOString() }), 400);
    assert.equal(await status({ trunk: 1 }), 400);
  });
});
