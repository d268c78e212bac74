import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { at, type Json, numberAt, textAt } from '../support/json.ts';
import { until } from '../support/until.ts';
import { absentOr, decimalText, epochMs, integer, nullable, object, oneOf, text } from './kit/answer-shape.ts';
import { needsAdmin } from './kit/conforms.ts';
import { peopleOrSkip } from './kit/people.ts';
import { type Push, type ReportReceiver, signatureProblem, startReportReceiver } from './kit/report-receiver.ts';
import { serverUnderTest, uniqueText } from './kit/server-under-test.ts';
import { type People, variables } from './kit/settings.ts';

const server = serverUnderTest();
let receiver: ReportReceiver | null = null;
let voiceFileId = '';
before(async () => {
  await server.open();
  const { receiverHost, admin } = server.settings;
  voiceFileId = await server.uploadTone();
  if (receiverHost !== null && admin !== null) receiver = await startReportReceiver(receiverHost);
});
after(() => receiver?.close());

/** A status report (contract 10.1, the newest list of fields). */
const reportShape = object({
  voiceId: text(/./),
  type: oneOf(1, 2, 3, 4),
  callee: text(/^[0-9]+$/),
  displayNum: nullable(text()),
  submitTime: epochMs(),
  callTime: nullable(epochMs()),
  ringingTime: nullable(epochMs()),
  answerTime: nullable(epochMs()),
  hangupTime: epochMs(),
  callDuration: integer({ min: 0 }),
  chargedDuration: nullable(integer({ min: 0 })),
  billPeriod: nullable(text(/^\d+\+\d+$/)),
  code: nullable(text()),
  voiceFileId: nullable(text()),
  recordingFileId: nullable(text()),
  rate: nullable(decimalText()),
  baseCost: nullable(decimalText()),
  cost: nullable(decimalText()),
  terminationCode: text(/^\d+$/),
  terminationReason: text(/./),
  sipCode: nullable(text(/^\d{3}$/)),
  feedbackValue: text(/^(-1|[0-9])$/),
  calledInfo: nullable(text()),
  ringDuration: nullable(integer({ min: 0 })),
  currency: absentOr(text(/^[A-Z]{3}$/)),
  settleRate: absentOr(decimalText()),
  quoteExchange: absentOr(decimalText()),
  settlePay: absentOr(decimalText()),
  outRecallCount: nullable(integer({ min: 0 })),
  taskId: nullable(integer({ min: 1 })),
  sourceTaskId: nullable(integer({ min: 1 })),
  scriptId: absentOr(integer()),
  intent: absentOr(text()),
  dimensionId: absentOr(integer({ min: 1 })),
  callStatus: oneOf(10, 20, 30, 40, 50, 60),
});

type Reported = {
  readonly receiver: ReportReceiver;
  readonly appId: string;
  readonly secret: string;
  readonly people: People;
};

/** An app whose calls are reported to a receiver of its own path; null: it cannot be had here, and the test is skipped. */
async function reportedApp(context: TestContext, isBatch = false): Promise<Reported | null> {
  const people = peopleOrSkip(context, server);
  if (people === null || needsAdmin(context, server)) return null;
  const { receiverHost, admin } = server.settings;
  if (receiver === null || admin === null) {
    context.skip(`needs an address at which the server reaches this machine: set ${variables.receiverHost}`);
    return null;
  }
  const app = await server.admin('POST', '/apps', {
    accountId: admin.accountId,
    name: `reported ${uniqueText(6)}`,
    kind: 'voice',
    reportUrl: `http://${receiverHost}:${receiver.port}/`,
    hasReportBatches: isBatch,
  });
  const appId = textAt(app, 'appId');
  const secret = textAt(await server.admin('GET', `/apps/${appId}/report-secret`, null), 'reportSecret');
  return { receiver, appId, secret, people };
}

/** Waits until so many pushes hold a report that is wanted. */
async function pushesOf(from: ReportReceiver, isWanted: (report: Json) => boolean, count: number): Promise<Push[]> {
  const found = (): Push[] => from.pushes.filter(({ reports }) => reports.some(isWanted));
  const reportCount = (): number => found().reduce((sum, { reports }) => sum + reports.filter(isWanted).length, 0);
  await until(() => reportCount() >= count, {
    what: `${count} reports`,
    timeoutMs: 60_000 + 4 * server.settings.minuteMs,
    detail: () => `${reportCount()} came; ${JSON.stringify(from.pushes.slice(-3))}`,
  });
  return found();
}

describe('what is pushed to the customer (contract 10.1, 15.11)', () => {
  test('one object per call, with every field, signed, and saying what the record says', async (context) => {
    const app = await reportedApp(context);
    if (app === null) return;
    const { people } = app;
    const numberList = [people.answers, people.isBusy, people.declines, people.isUnknown];
    const fields = { appId: app.appId, voiceFileId, numberList, sendTime: null, enableRecording: 1 } as const;
    const taskId = await server.sendTask(fields);
    const pushes = await pushesOf(app.receiver, (report) => at(report, 'taskId') === taskId, 4);
    for (const push of pushes) {
      assert.deepEqual([push.method, push.isBatch], ['POST', false]);
      assert.match(push.contentType, /^application\/json; ?charset=utf-8$/i);
      assert.equal(signatureProblem(push, app.secret), null);
      assert.deepEqual(
        push.reports.flatMap((report) => reportShape(report, 'report')),
        [],
      );
    }
    const reports = pushes.flatMap((push) => push.reports);
    const names = ['callee', 'type', 'callStatus', 'terminationCode', 'sipCode', 'feedbackValue', 'sourceTaskId'];
    const rows = new Map(reports.map((report) => [at(report, 'callee'), names.map((name) => at(report, name))]));
    assert.deepEqual(
      numberList.map((callee) => rows.get(callee)),
      [
        [people.answers, 1, 50, '0', '200', '-1', null],
        [people.isBusy, 1, 10, '486', '486', '-1', null],
        [people.declines, 1, 30, '603', '603', '-1', null],
        [people.isUnknown, 1, 60, '404', '404', '-1', null],
      ],
      names.join(),
    );
    assert.equal(reports.length, 4, 'one report a call');
    for (const report of reports) {
      await assertLikeRecord(report);
      await assertRecording(report, at(report, 'callee') === people.answers);
    }
  });

  test('of a recall round: which task it comes from, and how the manieth call again it is', async (context) => {
    const app = await reportedApp(context);
    if (app === null) return;
    const taskId = await server.sendTask({
      appId: app.appId,
      voiceFileId,
      numberList: [app.people.isBusy],
      recallFlow: { recallType: 1, recallInterval: 1, recallNum: 2 },
      sendTime: null,
    });
    const isOurs = (report: Json): boolean => at(report, 'taskId') === taskId || at(report, 'sourceTaskId') === taskId;
    const reports = (await pushesOf(app.receiver, isOurs, 3)).flatMap((push) => push.reports);
    assert.deepEqual(
      reports.map((report) => [at(report, 'sourceTaskId'), at(report, 'outRecallCount')]),
      [
        [null, 0],
        [taskId, 1],
        [taskId, 2],
      ],
    );
    assert.equal(new Set(reports.map((report) => at(report, 'voiceId'))).size, 3);
  });

  test('of a verification code: type 2, with calledInfo, and of a code that is called again only the last result', async (context) => {
    const app = await reportedApp(context);
    if (app === null) return;
    const request = { callee: app.people.isBusy, language: 'EN', text: 'hello', appId: app.appId };
    const again = { recallCount: 1, recallInterval: 1, calledInfo: 'twice' };
    const voiceId = textAt(await server.mustPost('/sendCode', { ...request, ...again }));
    const once = textAt(
      await server.mustPost('/sendCode', { ...request, callee: app.people.isUnknown, calledInfo: 'once' }),
    );
    const isOurs = (report: Json): boolean => [voiceId, once].includes(String(at(report, 'voiceId')));
    const reports = (await pushesOf(app.receiver, isOurs, 2)).flatMap((push) => push.reports);
    assert.deepEqual(
      [once, voiceId].map((id) => {
        const report = reports.find((one) => at(one, 'voiceId') === id) ?? null;
        return [at(report, 'type'), at(report, 'calledInfo'), at(report, 'callStatus')];
      }),
      [
        [2, 'once', 60],
        [2, 'twice', 10],
      ],
    );
    assert.equal(reports.length, 2, 'the first result of the code that was called again is not reported');
  });

  test('of a template: its id, and the variables as a JSON text in calledInfo', async (context) => {
    const { templateId: dimensionId } = server.settings;
    if (dimensionId === null) return context.skip(`needs a template: set ${variables.templateId}`);
    const app = await reportedApp(context);
    if (app === null) return;
    const numberList = [{ callee: app.people.isUnknown, dimensionId, text1: 'Tom' }];
    const entries = await server.mustPost('/sendIvr', { appId: app.appId, numberList });
    const voiceId = textAt(entries, 0, 'voiceId');
    const [push] = await pushesOf(app.receiver, (report) => at(report, 'voiceId') === voiceId, 1);
    const [report = null] = push?.reports ?? [];
    assert.deepEqual(reportShape(report, 'report'), []);
    assert.equal(at(report, 'dimensionId'), dimensionId);
    const told: Json = JSON.parse(textAt(report, 'calledInfo'));
    assert.equal(at(told, 'text1'), 'Tom');
  });

  test('in arrays, where the app wants them', async (context) => {
    const app = await reportedApp(context, true);
    if (app === null) return;
    const taskId = await server.sendTask({
      appId: app.appId,
      voiceFileId,
      numberList: [app.people.isBusy, app.people.isUnknown],
      sendTime: null,
    });
    const pushes = await pushesOf(app.receiver, (report) => at(report, 'taskId') === taskId, 2);
    for (const push of pushes) {
      assert.equal(push.isBatch, true, push.body);
      assert.ok(push.reports.length >= 1 && push.reports.length <= 100);
      assert.equal(signatureProblem(push, app.secret), null);
      assert.deepEqual(
        push.reports.flatMap((report) => reportShape(report, 'report')),
        [],
      );
    }
  });

  test('again after a refusal, the same report with a signature of its own', async (context) => {
    const app = await reportedApp(context);
    if (app === null) return;
    app.receiver.answerNext(500);
    const taskId = await server.sendTask({
      appId: app.appId,
      voiceFileId,
      numberList: [app.people.isUnknown],
      sendTime: null,
    });
    const [first, second] = await pushesOf(app.receiver, (report) => at(report, 'taskId') === taskId, 2);
    assert.equal(first?.body, second?.body);
    for (const push of [first, second]) assert.equal(push && signatureProblem(push, app.secret), null);
  });
});

/** A call that was answered has a recording, which can be fetched by the name that the report has; some seconds after the end, if not at once. */
async function assertRecording(report: Json, isAnswered: boolean): Promise<void> {
  const fileId = at(report, 'recordingFileId');
  assert.equal(fileId !== null, isAnswered, `recordingFileId of ${at(report, 'callee')}`);
  if (!isAnswered) return;
  const path = `/getRecordingFileUrl?recordingFileId=${encodeURIComponent(String(fileId))}`;
  await until(async () => (await server.get(path)).code === 0, { what: `the recording ${fileId}`, timeoutMs: 60_000 });
}

/** The record says the same, its times as text with an offset. */
async function assertLikeRecord(report: Json): Promise<void> {
  const record = await server.mustGet(`/recordGroup/${textAt(report, 'voiceId')}`);
  const same = [
    'voiceId',
    'callee',
    'displayNum',
    'callDuration',
    'terminationCode',
    'terminationReason',
    'feedbackValue',
    'voiceFileId',
    'taskId',
    'callStatus',
    'cost',
    'rate',
    'billPeriod',
    'chargedDuration',
    'calledInfo',
    'code',
    'baseCost',
    'sourceTaskId',
  ];
  assert.deepEqual(
    same.map((name) => at(report, name)),
    same.map((name) => at(record, name)),
    same.join(),
  );
  for (const name of ['submitTime', 'callTime', 'ringingTime', 'answerTime', 'hangupTime']) {
    const time = at(record, name);
    const told = at(report, name) === null ? null : Math.floor(numberAt(report, name) / 1000);
    assert.equal(told, time === null ? null : Date.parse(String(time)) / 1000, name);
  }
  const [ringing, answer, end] = ['ringingTime', 'answerTime', 'hangupTime'].map((name) => Number(at(report, name)));
  const rangS = ringing === 0 ? 0 : ((answer || (end ?? 0)) - (ringing ?? 0)) / 1000;
  const ringS = Number(at(report, 'ringDuration'));
  assert.ok(Math.abs(ringS - rangS) <= 1, `ringDuration is ${ringS} s of ${rangS} s`);
}
