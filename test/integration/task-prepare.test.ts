import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadPrompt } from '../../src/domain/prompt/prompt-store.ts';
import { runDueNode } from '../../src/domain/recall/due.ts';
import { getFlowDetail } from '../../src/domain/recall/flow-detail.ts';
import { type PrepareDeps, prepareTask } from '../../src/domain/task/prepare.ts';
import { getTaskDetail } from '../../src/domain/task/query.ts';
import type { Content } from '../../src/domain/task/settings.ts';
import type { TaskSubmission } from '../../src/domain/task/submission.ts';
import { submitTask } from '../../src/domain/task/submit.ts';
import { InfrastructureError } from '../../src/lib/errors.ts';
import type { SynthesisRequest, Synthesizer } from '../../src/speech/synthesizer.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  callEverybody,
  createDomainFixture,
  type DomainFixture,
  flowOf,
  settingsOf,
  statusOfTask,
  submissionOf,
  variable as textVariable,
} from '../support/domain-fixture.ts';

let database: TestDatabase;
let fixture: DomainFixture;
let accountId: number;
let names = 0;

before(async () => {
  database = await openTestDatabase();
  fixture = await createDomainFixture(database, 'prepare');
  accountId = fixture.account.accountId;
});
after(() => database.close());

/** Speaks English as one sample per character, and remembers what it was asked. */
function speaker(fault?: () => Error): Synthesizer & { readonly spoken: SynthesisRequest[] } {
  const spoken: SynthesisRequest[] = [];
  return {
    name: 'test',
    spoken,
    voiceFor: ({ lan, accent }) =>
      lan === 'EN' ? { voice: 'en', note: accent === '7' ? 'accent 7 is not there' : null } : null,
    async synthesize(request) {
      spoken.push(request);
      if (fault) throw fault();
      return { pcm: Int16Array.from(request.text, (char) => char.charCodeAt(0)), sampleRate: 16_000 };
    },
    close: async () => undefined,
  };
}

const depsOf = (synthesizer: Synthesizer, fields: Partial<PrepareDeps> = {}): PrepareDeps => ({
  scheduling: fixture.scheduling,
  synthesizers: { espeak: synthesizer, google: null },
  signal: AbortSignal.timeout(60_000),
  isLastAttempt: false,
  ...fields,
});

function submitText(content: Partial<Content>, fields: Partial<TaskSubmission> = {}): Promise<number> {
  names += 1;
  const settings = settingsOf({ source: 3, lan: 'EN', text: 'Hello', ...content });
  return submitTask(
    database.db,
    accountId,
    submissionOf(fixture, { taskName: `text ${names}`, settings, ...fields }),
    fixture.scheduling,
  );
}

async function promptOf(taskId: number): Promise<number | null> {
  const task = database.db.selectFrom('task').select('prompt_id').where('task_id', '=', taskId);
  return (await task.executeTakeFirstOrThrow()).prompt_id;
}

test('a text is spoken once, however many tasks say it', async () => {
  const synthesizer = speaker();
  const [first, second] = [
    await submitText({ accent: '7', speakingRate: 1.5 }),
    await submitText({ speakingRate: 1.5 }),
  ];
  assert.equal(await prepareTask(database.db, first, depsOf(synthesizer)), 'ready');
  assert.equal(await prepareTask(database.db, second, depsOf(synthesizer)), 'ready');
  assert.deepEqual(synthesizer.spoken, [{ voice: 'en', text: 'Hello', speakingRate: 1.5 }]);
  const promptId = await promptOf(first);
  assert.ok(promptId);
  assert.equal(await promptOf(second), promptId);
  const prompt = await loadPrompt(database.db, promptId);
  assert.deepEqual(
    [...(prompt?.pcm ?? [])],
    [...'Hello'].map((char) => char.charCodeAt(0)),
  );
  assert.equal(prompt?.sampleRate, 16_000);
  const detail = await getTaskDetail(database.db, accountId, first);
  assert.equal(detail.status, 1);
  assert.equal(detail.speechNote, 'accent 7 is not there');
  assert.equal(await prepareTask(database.db, first, depsOf(synthesizer)), 'ignored');
});

test('with a send time the task waits after preparation', async () => {
  const sendTime = new Date(fixture.scheduling.clock.now() + 60_000);
  const taskId = await submitText({ text: 'Later' }, { sendTime });
  await prepareTask(database.db, taskId, depsOf(speaker()));
  assert.equal(await statusOfTask(database.db, taskId), 0);
  assert.deepEqual(fixture.scheduling.enqueued.at(-1), { name: 'task.start', data: { taskId }, startAfter: sendTime });
});

test("of a text with variables the voice is checked, and the first callee's words are spoken", async () => {
  const synthesizer = speaker();
  const callees = [{ number: '8613242926514', variables: ['Tom'] }];
  const taskId = await submitText({ text: `Hello ${textVariable(1)}` }, { callees });
  assert.equal(await prepareTask(database.db, taskId, depsOf(synthesizer)), 'ready');
  assert.deepEqual(
    synthesizer.spoken.map(({ text }) => text),
    ['Hello Tom'],
  );
  assert.equal(await promptOf(taskId), null);
  const foreign = await submitText({ text: `Hallo ${textVariable(1)}`, lan: 'XX' }, { callees });
  assert.equal(await prepareTask(database.db, foreign, depsOf(synthesizer)), 'failed');
  const detail = await getTaskDetail(database.db, accountId, foreign);
  assert.equal(detail.status, 3);
  assert.match(detail.statusReason ?? '', /does not speak language "XX"/);
});

test('a passing failure is retried, the last one and a lasting one fail the task', async () => {
  const passing = speaker(() => new InfrastructureError('busy', { retryable: true }));
  const taskId = await submitText({ text: 'Retry me' });
  await assert.rejects(prepareTask(database.db, taskId, depsOf(passing)), /busy/);
  assert.equal(await statusOfTask(database.db, taskId), 6);
  assert.equal(await prepareTask(database.db, taskId, depsOf(passing, { isLastAttempt: true })), 'failed');
  const detail = await getTaskDetail(database.db, accountId, taskId);
  assert.equal(detail.status, 3);
  assert.match(detail.statusReason ?? '', /could not be synthesized: busy/);
  const lasting = speaker(() => new InfrastructureError('cannot be said', { retryable: false }));
  const other = await submitText({ text: 'Unspeakable' }, { recallFlow: flowOf() });
  assert.equal(await prepareTask(database.db, other, depsOf(lasting)), 'failed');
  const { flowId } = await getTaskDetail(database.db, accountId, other);
  const flow = await getFlowDetail(database.db, accountId, flowId ?? 0);
  assert.equal(flow.status, 4, 'a flow whose parent cannot run will not run');
  assert.match(flow.statusReason ?? '', /cannot be said/);
});

test('an abort leaves the task for the next try', async () => {
  const controller = new AbortController();
  const aborting = speaker(() => {
    controller.abort();
    return new InfrastructureError('aborted', { retryable: false });
  });
  const taskId = await submitText({ text: 'Aborted' });
  const deps = depsOf(aborting, { signal: controller.signal, isLastAttempt: true });
  await assert.rejects(prepareTask(database.db, taskId, deps), /aborted/);
  assert.equal(await statusOfTask(database.db, taskId), 6);
});

test('a round that cannot be spoken stops its flow', async () => {
  const nodes = [settingsOf({ source: 3, text: 'Round', lan: 'EN' })];
  const taskId = await submitTask(
    database.db,
    accountId,
    submissionOf(fixture, { taskName: 'spoken round', recallFlow: flowOf({ recallNum: 2, nodes }) }),
    fixture.scheduling,
  );
  await callEverybody(fixture, taskId, () => 20);
  const { flowId } = await getTaskDetail(database.db, accountId, taskId);
  const flow = () => getFlowDetail(database.db, accountId, flowId ?? 0);
  fixture.scheduling.advance(30 * 60_000);
  assert.equal(await runDueNode(database.db, (await flow()).nodes[0]?.nodeId ?? 0, fixture.scheduling), 'started');
  const failing = speaker(() => new InfrastructureError('no voice', { retryable: false }));
  assert.equal(await prepareTask(database.db, (await flow()).nodes[0]?.taskId ?? 0, depsOf(failing)), 'failed');
  const after = await flow();
  assert.deepEqual([after.status, ...after.nodes.map((node) => node.status)], [4, 4, 3]);
  assert.match(after.nodes[0]?.statusReason ?? '', /no voice/);
});
