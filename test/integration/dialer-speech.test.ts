import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { storePrompt } from '../../src/domain/prompt/prompt-store.ts';
import { taskStatus } from '../../src/domain/task/status.ts';
import { InfrastructureError } from '../../src/lib/errors.ts';
import type { SynthesisRequest } from '../../src/speech/synthesizer.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { addAccount, addTask, addTrunk, benchDialer, callSummary, taskRow } from '../support/dialer-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

/** Speaks by writing each letter as a sample; `fail` is asked first. */
function speech(spoken: string[], fail: () => Error | null = () => null) {
  return {
    voiceFor: () => ({ voice: 'en', note: null }),
    promptFor: async ({ text }: SynthesisRequest) => {
      const failure = fail();
      if (failure) throw failure;
      spoken.push(text);
      const pcm = Int16Array.from(text, (letter) => letter.charCodeAt(0));
      const promptId = await storePrompt(database.db, { cacheKey: `test:${text}`, pcm, sampleRate: 8000 });
      return { promptId, promptKey: String(promptId) };
    },
  };
}

test('speech: every callee hears their own text', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 200, channels: 50 });
  const spoken: string[] = [];
  const it = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 10 }), { speechBy: () => speech(spoken) });
  const taskId = await addTask(database.db, { owner, callees: 150, text: `Hello \${text1}!` });
  try {
    await it.dialer.start();
    await until(async () => (await taskRow(database.db, taskId)).status === taskStatus.finished, {
      what: 'the task to finish',
      timeoutMs: 20_000,
    });
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 150 });
    const heard = new Map(
      it.engine.played.map(({ sipCallId, promptKey }) => {
        const pcm = it.engine.prompts.get(promptKey)?.pcm ?? new Int16Array();
        return [sipCallId, String.fromCharCode(...pcm)];
      }),
    );
    assert.equal(heard.size, 150);
    for (let seq = 1; seq <= 150; seq += 1) assert.equal(heard.get(`${taskId}-${seq}-1`), `Hello name ${seq}!`);
    assert.equal(spoken.length, 150);
  } finally {
    await it.dialer.drain(0);
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});

test('speech: while the synthesizer is away the task waits and says so, and nobody is lost', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 200, channels: 50 });
  let isAway = true;
  const fail = (): Error | null =>
    isAway ? new InfrastructureError('the synthesizer is restarting', { retryable: true }) : null;
  const it = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 10 }), { speechBy: () => speech([], fail) });
  const taskId = await addTask(database.db, { owner, callees: 20, text: `Bye \${text1}` });
  try {
    await it.dialer.start();
    await until(async () => /restarting/.test((await taskRow(database.db, taskId)).waiting_reason ?? ''), {
      what: 'the reason',
      timeoutMs: 5000,
    });
    assert.equal((await taskRow(database.db, taskId)).next_seq, 1);
    isAway = false;
    await until(async () => (await taskRow(database.db, taskId)).status === taskStatus.finished, {
      what: 'the task to finish',
      timeoutMs: 10_000,
    });
    assert.deepEqual(await callSummary(database.db, taskId), { 'ended 50 success': 20 });
  } finally {
    await it.dialer.drain(0);
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});

test('speech: a text that cannot be spoken fails its call with the reason', async () => {
  const owner = await addAccount(database.db);
  const trunkId = await addTrunk(database.db, { cps: 200, channels: 50 });
  const fail = (): Error => new InfrastructureError('text too long to be spoken', { retryable: false });
  const it = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 10 }), { speechBy: () => speech([], fail) });
  const taskId = await addTask(database.db, { owner, callees: 3, text: `Oh \${text1}` });
  try {
    await it.dialer.start();
    await until(async () => (await taskRow(database.db, taskId)).status === taskStatus.finished, {
      what: 'the task to finish',
      timeoutMs: 5000,
    });
    const rows = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).execute();
    assert.deepEqual(
      rows.map((row) => [row.call_status, row.termination_code, row.termination_reason]),
      Array.from({ length: 3 }, () => [60, '1010', 'text too long to be spoken']),
    );
    assert.equal(it.engine.dials.length, 0);
  } finally {
    await it.dialer.drain(0);
    await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
  }
});
