import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RequestError } from '../../src/domain/error/request-error.ts';
import { cancelRecall } from '../../src/domain/recall/cancel.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { type FlowDetail, getFlowDetail } from '../../src/domain/recall/flow-detail.ts';
import { updateFlow } from '../../src/domain/recall/update.ts';
import { cancelTasks } from '../../src/domain/task/control.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  flowOf,
  numbersOf,
  submissionOf,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'recall race');
  accountId = fixture.account.accountId;
});
after(() => database.close());

/** Everything that may be done to a flow at any moment, by clients, dialers and jobs. Refusals are part of the game. */
function moves(flow: FlowDetail): (() => Promise<unknown>)[] {
  const { db } = database;
  const { scheduling } = fixture;
  const taskIds = [flow.taskId, ...flow.nodes.flatMap((node) => node.taskId ?? [])];
  // What keeps a flow going is likelier than what ends it, or every game would be over at once.
  const usual = [
    ...flow.nodes.map((node) => () => runDueNode(db, node.nodeId, scheduling)),
    ...taskIds.map((taskId) => () => endOnce(taskId)),
  ];
  return [
    ...Array.from({ length: 6 }, () => usual).flat(),
    ...flow.nodes.slice(2).map((node) => () => cancelRecall(db, accountId, { type: 3, id: node.nodeId }, scheduling)),
    () => cancelRecall(db, accountId, { type: 1, id: flow.flowId }, scheduling),
    () => updateFlow(db, accountId, { flowId: flow.flowId, plan: flowOf({ recallNum: 3 }) }, scheduling),
    ...taskIds.slice(1).map((taskId) => () => cancelTasks(db, accountId, [taskId], scheduling)),
  ];
}

/** The last calls of a task that has not ended yet. */
async function endOnce(taskId: number): Promise<void> {
  const task = await getTaskDetail(database.db, accountId, taskId);
  if (task.endedCount === 0) await callEverybody(fixture, taskId, (seq) => (seq === 1 ? 50 : 20));
}

function isExpected(error: unknown): boolean {
  // Two "dialers" that end the same calls at once collide on the key of `call`, as two claims of one callee would.
  return error instanceof RequestError || (error instanceof Error && /call_\d{8}_pkey/.test(error.message));
}

async function checkFlow(flowId: number): Promise<FlowDetail> {
  const flow = await getFlowDetail(database.db, accountId, flowId);
  const statuses = flow.nodes.map((node) => node.status);
  const shown = `${flow.status}: ${statuses}`;
  assert.equal(
    flow.status <= 1,
    statuses.some((status) => status <= 1),
    shown,
  );
  assert.ok(statuses.filter((status) => status === 1).length <= 1, shown);
  let before = new Set(await numbersOf(database.db, flow.taskId));
  for (const node of flow.nodes) {
    if (node.taskId === null) continue;
    const numbers = await numbersOf(database.db, node.taskId);
    assert.equal(new Set(numbers).size, numbers.length, 'nobody twice in a round');
    assert.ok(
      numbers.every((number) => before.has(number)),
      'only those of the round before',
    );
    before = new Set(numbers);
  }
  return flow;
}

test('clients, dialers and jobs at the same time: no deadlock, no half a state, nobody twice', async () => {
  const random = seededRandom(20_260_101);
  let rounds = 0;
  for (let game = 0; game < 10; game += 1) {
    const submission = submissionOf(fixture, { taskName: `game ${game}`, recallFlow: flowOf({ recallNum: 4 }) });
    const taskId = await submitTask(database.db, accountId, submission, fixture.scheduling);
    const flowId = (await getTaskDetail(database.db, accountId, taskId)).flowId ?? 0;
    let flow = await checkFlow(flowId);
    for (let turn = 0; turn < 10 && flow.status <= 1; turn += 1) {
      fixture.scheduling.advance(31 * 60_000);
      const possible = moves(flow);
      const chosen = Array.from({ length: 6 }, () => possible[Math.floor(random.float() * possible.length)]);
      const results = await Promise.allSettled(chosen.map((move) => move?.()));
      for (const result of results) {
        if (result.status === 'rejected') assert.ok(isExpected(result.reason), String(result.reason));
      }
      flow = await checkFlow(flowId);
    }
    rounds += flow.nodes.filter((node) => node.taskId !== null).length;
  }
  assert.ok(rounds >= 5, `the games are worth something: ${rounds} rounds`);
});
