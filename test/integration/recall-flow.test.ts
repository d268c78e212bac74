import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cancelRecall } from '../../src/domain/recall/cancel.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { type FlowDetail, getFlowDetail, listFlowNodes } from '../../src/domain/recall/flow-detail.ts';
import { listFlows } from '../../src/domain/recall/query.ts';
import { updateFlow } from '../../src/domain/recall/update.ts';
import { cancelTasks } from '../../src/domain/task/control.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import type { SubmittedRecallFlow, TaskSubmission } from '../../src/domain/task/submission.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { deleteVoiceFiles, storeVoiceFile } from '../../src/domain/voice-file/voice-file-store.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  flowOf,
  numbersOf,
  settingsOf,
  statusOfTask,
  submissionOf,
  variable as textVariable,
  unfinished,
  withKey,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
let names = 0;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'recall');
  accountId = fixture.account.accountId;
});
after(() => database.close());

type Flow = { readonly taskId: number; readonly taskName: string; readonly flowId: number };

async function submitFlow(plan: Partial<SubmittedRecallFlow> = {}, task: Partial<TaskSubmission> = {}): Promise<Flow> {
  names += 1;
  const taskName = `flow ${names}`;
  const submission = submissionOf(fixture, { taskName, recallFlow: flowOf(plan), ...task });
  const taskId = await submitTask(database.db, accountId, submission, fixture.scheduling);
  const { flowId } = await getTaskDetail(database.db, accountId, taskId);
  assert.ok(flowId);
  return { taskId, taskName, flowId };
}

const detailOf = (flow: Flow) => getFlowDetail(database.db, accountId, flow.flowId);

/** The flow's state and its rounds', as `1: 2 0 0`. */
async function statesOf(flow: Flow): Promise<string> {
  const detail = await detailOf(flow);
  return `${detail.status}: ${detail.nodes.map((node) => node.status).join(' ')}`;
}

async function nodeOf(flow: Flow, round: number): Promise<FlowDetail['nodes'][number]> {
  const node = (await detailOf(flow)).nodes[round - 1];
  assert.ok(node);
  return node;
}

/** Lets the round become due and runs its job; returns what came of it and the child task. */
async function runRound(flow: Flow, round: number): Promise<{ result: string; taskId: number }> {
  const { nodeId, dueAt } = await nodeOf(flow, round);
  assert.ok(dueAt, `round ${round} is not set`);
  fixture.scheduling.advance(Math.max(0, dueAt.getTime() - fixture.scheduling.clock.now()));
  const result = await runDueNode(database.db, nodeId, fixture.scheduling);
  return { result, taskId: (await nodeOf(flow, round)).taskId ?? 0 };
}

const finishParent = (flow: Flow, connected: number[] = []) =>
  callEverybody(fixture, flow.taskId, (seq) => (connected.includes(seq) ? 50 : 20));

test('the whole life: each round calls those that the round before did not reach', async () => {
  const flow = await submitFlow(
    { recallType: 1, recallNum: 3, recallInterval: 5 },
    { displayNum: '100', windows: [{ start: '00:00', end: '23:59' }] },
  );
  assert.equal(await statesOf(flow), '0: 0 0 0');
  assert.deepEqual(
    (await detailOf(flow)).nodes.map((node) => [node.taskId, node.dueAt]),
    [
      [null, null],
      [null, null],
      [null, null],
    ],
  );
  await finishParent(flow, [2]);
  assert.equal(await statesOf(flow), '0: 0 0 0', 'pending until the first round starts');
  const { nodeId, dueAt } = await nodeOf(flow, 1);
  assert.equal(dueAt?.getTime(), fixture.scheduling.clock.now() + 5 * 60_000);
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'recall.node', data: { nodeId }, startAfter: dueAt });

  assert.equal(await runDueNode(database.db, nodeId, fixture.scheduling), 'ignored', 'too early');
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'recall.node', data: { nodeId }, startAfter: dueAt });
  const first = await runRound(flow, 1);
  assert.equal(first.result, 'started');
  assert.equal(await statesOf(flow), '1: 1 0 0');
  assert.deepEqual(await numbersOf(database.db, first.taskId), ['8613242926514', '8613242926516']);
  const child = await getTaskDetail(database.db, accountId, first.taskId);
  assert.equal(child.taskName, `${flow.taskName}#1`);
  assert.equal(child.sourceTaskId, flow.taskId);
  assert.equal(child.displayNum, '100');
  assert.deepEqual(child.windows, [{ start: '00:00', end: '23:59' }]);
  assert.equal(child.status, 1);
  assert.equal(await runDueNode(database.db, nodeId, fixture.scheduling), 'ignored', 'done already');

  await callEverybody(fixture, first.taskId, (seq) => (seq === 1 ? 50 : 10));
  assert.equal(await statesOf(flow), '1: 2 0 0');
  const second = await runRound(flow, 2);
  assert.deepEqual(await numbersOf(database.db, second.taskId), ['8613242926516']);
  await callEverybody(fixture, second.taskId, () => 20);
  const third = await runRound(flow, 3);
  assert.deepEqual(await numbersOf(database.db, third.taskId), ['8613242926516']);
  assert.equal(await statesOf(flow), '1: 2 2 1');
  await callEverybody(fixture, third.taskId, () => 20);
  assert.equal(await statesOf(flow), '2: 2 2 2');
});

test('type 0 calls all of the round before', async () => {
  const flow = await submitFlow({ recallType: 0 });
  await finishParent(flow, [1, 2, 3]);
  const first = await runRound(flow, 1);
  assert.equal((await numbersOf(database.db, first.taskId)).length, 3);
});

test('nobody left: this and all later rounds are complete without a task', async () => {
  const flow = await submitFlow({ recallNum: 3 });
  await finishParent(flow, [1, 2, 3]);
  assert.deepEqual(await runRound(flow, 1), { result: 'empty', taskId: 0 });
  assert.equal(await statesOf(flow), '2: 2 2 2');
  const later = await submitFlow({ recallNum: 3 });
  await finishParent(later);
  await callEverybody(fixture, (await runRound(later, 1)).taskId, () => 50);
  assert.deepEqual(await runRound(later, 2), { result: 'empty', taskId: 0 });
  assert.equal(await statesOf(later), '2: 2 2 2');
  assert.deepEqual(
    (await detailOf(later)).nodes.map((node) => node.taskId !== null),
    [true, false, false],
  );
});

test('one round starts once, however often its job runs at the same time', async () => {
  const flow = await submitFlow();
  await finishParent(flow);
  const { nodeId } = await nodeOf(flow, 1);
  fixture.scheduling.advance(30 * 60_000);
  const results = await Promise.all([1, 2, 3, 4].map(() => runDueNode(database.db, nodeId, fixture.scheduling)));
  assert.deepEqual(results.sort(), ['ignored', 'ignored', 'ignored', 'started']);
});

test('a round has its own settings, else the last given ones, else those of the parent', async () => {
  const own = settingsOf({ source: 3, text: 'Second try', lan: 'EN' });
  const flow = await submitFlow({ recallNum: 3, nodes: [own] });
  const plain = await submitFlow({ recallNum: 1 });
  const texts = (detail: FlowDetail) => detail.nodes.map((node) => node.settings.content.text);
  assert.deepEqual(texts(await detailOf(flow)), ['Second try', 'Second try', 'Second try']);
  assert.equal((await nodeOf(plain, 1)).settings.content.voiceFileId, fixture.fileId);
  assert.equal((await nodeOf(plain, 1)).voiceFileName, 'hello.wav');
  await finishParent(flow);
  const first = await runRound(flow, 1);
  assert.equal(await statusOfTask(database.db, first.taskId), 6, 'a text is prepared first');
  assert.equal(await statesOf(flow), '1: 1 0 0');
  assert.deepEqual(fixture.scheduling.enqueued.at(-1)?.name, 'task.prepare');
});

test('a round whose name the client has used gets another', async () => {
  const flow = await submitFlow();
  const taskName = `${flow.taskName}#1`;
  await submitTask(database.db, accountId, submissionOf(fixture, { taskName }), fixture.scheduling);
  await finishParent(flow);
  const { taskId } = await runRound(flow, 1);
  assert.equal((await getTaskDetail(database.db, accountId, taskId)).taskName, `${taskName}-2`);
});

test('a round whose voice file was deleted stops the flow and says so', async () => {
  const file = { accountId, fileName: 'round.wav', sizeBytes: 1, promptId: fixture.promptId, ...unfinished };
  const voiceFileId = await storeVoiceFile(database.db, file);
  const flow = await submitFlow({
    recallNum: 3,
    nodes: [settingsOf({ voiceFileId: fixture.fileId }), settingsOf({ voiceFileId })],
  });
  await finishParent(flow);
  await callEverybody(fixture, (await runRound(flow, 1)).taskId, () => 20);
  await deleteVoiceFiles(database.db, accountId, [voiceFileId]);
  assert.deepEqual(await runRound(flow, 2), { result: 'failed', taskId: 0 });
  assert.equal(await statesOf(flow), '4: 2 4 3');
  const detail = await detailOf(flow);
  assert.match(detail.nodes[1]?.statusReason ?? '', new RegExp(`voice file ${voiceFileId} does not exist`));
  assert.equal(detail.statusReason, detail.nodes[1]?.statusReason);
  assert.equal(detail.nodes[1]?.voiceFileName, null);
});

test("a round that inherits the parent's file cannot run without it either", async () => {
  const file = { accountId, fileName: 'inherited.wav', sizeBytes: 1, promptId: fixture.promptId, ...unfinished };
  const voiceFileId = await storeVoiceFile(database.db, file);
  const flow = await submitFlow({}, { settings: settingsOf({ voiceFileId }) });
  await deleteVoiceFiles(database.db, accountId, [voiceFileId]);
  await finishParent(flow);
  assert.equal((await runRound(flow, 1)).result, 'failed');
  assert.equal(await statesOf(flow), '4: 4 3');
});

test('cancelling the parent cancels a pending flow; a finished cancelled task starts none', async () => {
  const flow = await submitFlow();
  await cancelTasks(database.db, accountId, [flow.taskId], fixture.scheduling);
  assert.equal(await statesOf(flow), '3: 3 3');
  await finishParent(flow);
  assert.equal((await nodeOf(flow, 1)).dueAt, null);
});

test("cancelling a round's task ends the flow", async () => {
  const flow = await submitFlow({ recallNum: 3 });
  await finishParent(flow);
  const { taskId } = await runRound(flow, 1);
  await cancelTasks(database.db, accountId, [taskId], fixture.scheduling);
  assert.equal(await statesOf(flow), '3: 3 3 3');
});

test('cancel by flow and by parent task: only while pending, also when round 1 is set already', async () => {
  const cancel = (type: 1 | 2, id: number) => cancelRecall(database.db, accountId, { type, id }, fixture.scheduling);
  const byFlow = await submitFlow();
  await cancel(1, byFlow.flowId);
  assert.equal(await statesOf(byFlow), '3: 3 3');
  await assert.rejects(cancel(1, byFlow.flowId), (error: Error) => {
    assert.match(error.message, /is cancelled, and only a pending one can be cancelled/);
    return withKey('flowNotPending')(error);
  });
  const byTask = await submitFlow();
  await finishParent(byTask);
  const { nodeId, dueAt } = await nodeOf(byTask, 1);
  await cancel(2, byTask.taskId);
  assert.equal(await statesOf(byTask), '3: 3 3');
  fixture.scheduling.advance((dueAt?.getTime() ?? 0) - fixture.scheduling.clock.now());
  assert.equal(await runDueNode(database.db, nodeId, fixture.scheduling), 'ignored');
  const running = await submitFlow();
  await finishParent(running);
  await runRound(running, 1);
  await assert.rejects(cancel(1, running.flowId), withKey('flowNotPending'));
  await assert.rejects(cancel(1, 0), withKey('unknownFlow'));
  await assert.rejects(cancel(2, 0), withKey('taskHasNoFlow'));
});

test('cancel by node takes the following ones with it, and the flow ends with what is left', async () => {
  const cancel = async (flow: Flow, round: number) =>
    cancelRecall(database.db, accountId, { type: 3, id: (await nodeOf(flow, round)).nodeId }, fixture.scheduling);
  const pending = await submitFlow({ recallNum: 3 });
  await cancel(pending, 2);
  assert.equal(await statesOf(pending), '0: 0 3 3');
  await assert.rejects(cancel(pending, 3), withKey('nodeNotPending'));
  await finishParent(pending);
  const { taskId } = await runRound(pending, 1);
  await assert.rejects(cancel(pending, 1), withKey('nodeNotPending'));
  await callEverybody(fixture, taskId, () => 20);
  assert.equal(await statesOf(pending), '2: 2 3 3', 'the last remaining round completes the flow');

  const whole = await submitFlow({ recallNum: 2 });
  await cancel(whole, 1);
  assert.equal(await statesOf(whole), '3: 3 3', 'nothing was carried out');

  const running = await submitFlow({ recallNum: 3 });
  await finishParent(running);
  const first = await runRound(running, 1);
  await cancel(running, 3);
  assert.equal(await statesOf(running), '1: 1 0 3');
  await callEverybody(fixture, first.taskId, () => 20);
  await cancel(running, 2);
  assert.equal(await statesOf(running), '2: 2 3 3', 'between rounds: what was left is gone');
  const foreign = await createDomainFixture(database, 'recall, foreign');
  const run = cancelRecall(
    database.db,
    foreign.account.accountId,
    { type: 3, id: (await nodeOf(running, 1)).nodeId },
    fixture.scheduling,
  );
  await assert.rejects(run, withKey('unknownNode'));
});

test('update replaces a pending plan, keeps the ids of rounds, and moves a set round', async () => {
  const update = (flow: Flow, plan: SubmittedRecallFlow) =>
    updateFlow(database.db, accountId, { flowId: flow.flowId, plan }, fixture.scheduling);
  const flow = await submitFlow({ recallNum: 3 });
  const before = await detailOf(flow);
  const text = settingsOf({ source: 3, text: 'Changed', lan: 'EN' });
  await update(flow, flowOf({ recallType: 0, recallInterval: 10, recallNum: 2, nodes: [text] }));
  const after = await detailOf(flow);
  assert.deepEqual([after.recallType, after.recallInterval, after.recallNum], [0, 10, 2]);
  assert.deepEqual(
    after.nodes.map((node) => node.nodeId),
    before.nodes.slice(0, 2).map((node) => node.nodeId),
  );
  assert.equal(after.nodes[1]?.settings.content.text, 'Changed');
  await assert.rejects(
    update(flow, flowOf({ nodes: [settingsOf({ voiceFileId: 'none' })] })),
    withKey('unknownVoiceFile'),
  );
  const variable = settingsOf({ source: 3, text: textVariable(4), lan: 'EN' });
  await assert.rejects(update(flow, flowOf({ nodes: [variable] })), withKey('missingVariables'));

  await finishParent(flow);
  const finishedAt = fixture.scheduling.clock.now();
  fixture.scheduling.advance(60_000);
  await update(flow, flowOf({ recallInterval: 3, recallNum: 4 }));
  const node = await nodeOf(flow, 1);
  assert.equal(node.dueAt?.getTime(), finishedAt + 3 * 60_000);
  assert.equal(fixture.scheduling.enqueued.at(-1)?.startAfter?.getTime(), finishedAt + 3 * 60_000);
  assert.equal((await detailOf(flow)).nodes.length, 4);
  await runRound(flow, 1);
  await assert.rejects(update(flow, flowOf()), withKey('flowNotPending'));
  await assert.rejects(update({ ...flow, flowId: 0 }, flowOf()), withKey('unknownFlow'));
});

test('a round listens for machines as its parent does', async () => {
  const { plan } = submissionOf(fixture);
  const detecting = { ...plan, detectsMachine: true, machineAction: 2 } as const;
  const flow = await submitFlow({}, { plan: detecting });
  await finishParent(flow);
  const { taskId } = await runRound(flow, 1);
  const row = await database.db.selectFrom('task').selectAll().where('task_id', '=', taskId).executeTakeFirstOrThrow();
  assert.deepEqual([row.detects_machine, row.machine_action], [true, 2]);
});

test('flows are listed with their progress, and their nodes by page', async () => {
  const other = await createDomainFixture(database, 'recall, listing');
  const id = other.account.accountId;
  const submit = (taskName: string) =>
    submitTask(
      database.db,
      id,
      submissionOf(other, { taskName, recallFlow: flowOf({ recallNum: 3 }) }),
      other.scheduling,
    );
  const [first, second] = [await submit('spring sale'), await submit('autumn')];
  const span = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000) };
  const list = async (taskName: string | null) =>
    (await listFlows(database.db, id, { ...span, taskName }, { current: 1, size: 10 })).records;
  assert.deepEqual(
    (await list(null)).map((flow) => flow.taskId),
    [second, first],
  );
  assert.deepEqual(
    (await list('SALE')).map((flow) => flow.taskId),
    [first],
  );
  assert.deepEqual(
    (await list(String(second))).map((flow) => flow.taskId),
    [second],
  );
  await callEverybody({ db: database.db, scheduling: other.scheduling }, first, () => 50);
  const flowId = (await list('sale'))[0]?.flowId ?? 0;
  const nodes = await listFlowNodes(database.db, id, flowId, { current: 2, size: 2 });
  assert.deepEqual([nodes.total, nodes.pages, nodes.records.map((node) => node.ordinal)], [3, 2, [3]]);
  const { dueAt, nodeId } = (await getFlowDetail(database.db, id, flowId)).nodes[0] ?? {};
  assert.ok(dueAt && nodeId);
  other.scheduling.advance(dueAt.getTime() - other.scheduling.clock.now());
  assert.equal(await runDueNode(database.db, nodeId, other.scheduling), 'empty');
  assert.deepEqual(
    (await list('sale')).map((flow) => [flow.finishedNum, flow.status]),
    [[3, 2]],
  );
  await assert.rejects(getFlowDetail(database.db, accountId, flowId), withKey('unknownFlow'));
  await assert.rejects(listFlowNodes(database.db, accountId, flowId, { current: 1, size: 1 }), withKey('unknownFlow'));
});

test('a round of 200,000 callees', async (t) => {
  const callees = Array.from({ length: 200_000 }, (_, index) => ({
    number: `86132${String(index).padStart(8, '0')}`,
    variables: null,
  }));
  const flow = await submitFlow({ recallNum: 2 }, { callees });
  await callEverybody(fixture, flow.taskId, (seq) => (seq % 4 === 0 ? 50 : 20));
  const { nodeId, dueAt } = await nodeOf(flow, 1);
  fixture.scheduling.advance((dueAt?.getTime() ?? 0) - fixture.scheduling.clock.now());
  const started = performance.now();
  assert.equal(await runDueNode(database.db, nodeId, fixture.scheduling), 'started');
  t.diagnostic(`round of 150,000 out of 200,000 callees made in ${Math.round(performance.now() - started)} ms`);
  const numbers = await numbersOf(database.db, (await nodeOf(flow, 1)).taskId ?? 0);
  assert.deepEqual(
    numbers,
    callees.filter((_, index) => (index + 1) % 4 !== 0).map((callee) => callee.number),
  );
});
