import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { taskStatus } from '../../src/domain/task/status.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  addAccount,
  addTask,
  addTrunk,
  benchDialer,
  dialedSeqs,
  quickTiming,
  taskRow,
} from '../support/dialer-fixture.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
before(async () => {
  database = await openTestDatabase();
});
after(() => database.close());

type DialerChild = { readonly child: ChildProcess; readonly dials: string[]; readonly processId: () => string | null };

function startChild(): DialerChild {
  const script = fileURLToPath(new URL('../support/dialer-child.ts', import.meta.url));
  const child = spawn(process.execPath, [script, database.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const dials: string[] = [];
  let processId: string | null = null;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, value = ''] = line.split(' ');
    if (word === 'dial') dials.push(value);
    else if (word === 'process') processId = value;
  });
  return { child, dials, processId: () => processId };
}

const finished = (taskId: number) => async (): Promise<boolean> =>
  (await taskRow(database.db, taskId)).status === taskStatus.finished;

/** Every callee has one ended row, the counters agree with the rows, and nobody was dialed twice. */
async function assertAccounted(taskId: number, callees: number, seqs: readonly number[]): Promise<void> {
  const rows = await database.db.selectFrom('call').selectAll().where('task_id', '=', taskId).execute();
  assert.equal(rows.length, callees);
  assert.ok(rows.every((row) => row.state === 'ended'));
  const task = await taskRow(database.db, taskId);
  assert.deepEqual(
    [task.ended_count, task.success_count],
    [callees, rows.filter((row) => row.call_status === 50).length],
  );
  assert.equal(new Set(seqs).size, seqs.length, 'somebody was called twice');
  for (const row of rows) {
    if (row.outcome_class === 'indeterminate') assert.equal(row.call_status, row.answered_at ? 50 : 60);
  }
}

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  test(`a dialer process that gets ${signal}: others take over, nobody is called twice, every callee has one record`, async () => {
    const owner = await addAccount(database.db);
    const trunkId = await addTrunk(database.db, { cps: 100, channels: 60 });
    const doomed = startChild();
    const other = benchDialer(database, () => ({ ringAfterMs: 5, answerAfterMs: 20 }), { promptMs: 400 });
    try {
      await until(() => doomed.processId(), { what: 'the child to start', timeoutMs: 15_000 });
      await other.dialer.start();
      await new Promise((resolve) => setTimeout(resolve, quickTiming.leaseMs + 200));
      const taskId = await addTask(database.db, { owner, callees: 300 });
      await until(() => doomed.dials.length > 30, { what: 'calls of the child', timeoutMs: 10_000, everyMs: 5 });
      doomed.child.kill(signal);
      const status = async (): Promise<string | undefined> => {
        const processId = doomed.processId() ?? '';
        return (
          await database.db
            .selectFrom('process')
            .select('status')
            .where('process_id', '=', processId)
            .executeTakeFirst()
        )?.status;
      };
      await until(async () => (await status()) === 'dead', { what: 'the death to be seen', timeoutMs: 10_000 });
      if (signal === 'SIGSTOP') {
        // It wakes up to find calls that it may have claimed, and that others have ended.
        const dialed = doomed.dials.length;
        doomed.child.kill('SIGCONT');
        const [code] = await once(doomed.child, 'exit');
        assert.equal(code, 3, 'it must notice that it was taken for dead');
        assert.equal(doomed.dials.length, dialed, 'it must not dial after it was taken for dead');
      }
      await until(finished(taskId), { what: 'the task to finish', timeoutMs: 20_000 });
      const ofChild = doomed.dials.map((sipCallId) => Number(sipCallId.split('-')[1]));
      await assertAccounted(taskId, 300, [...ofChild, ...dialedSeqs([other.engine], taskId)]);
    } finally {
      doomed.child.kill('SIGKILL');
      await other.dialer.drain(0);
      await database.db.deleteFrom('trunk').where('trunk_id', '=', trunkId).execute();
    }
  });
}
