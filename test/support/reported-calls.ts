import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { noFarEndWords, nothingHeard } from '../../src/call/engine.ts';
import { type Outcome, outcomeOf } from '../../src/call/outcome.ts';
import type { Db } from '../../src/db/tables.ts';
import { updateApp } from '../../src/domain/app/app-store.ts';
import { registerProcess } from '../../src/domain/process/registry.ts';
import { endCalls } from '../../src/domain/record/call-ledger-sql.ts';
import { formatVoiceId } from '../../src/domain/record/voice-id.ts';
import { addAccount, addTask, claimFrom, noScheduling } from './dialer-fixture.ts';

/** An account whose app is reported to a URL. */
export type ReportedApp = {
  readonly owner: { readonly accountId: number; readonly promptId: number };
  readonly appId: string;
  readonly appSeq: number;
  readonly secret: string;
};

export async function addReportedApp(db: Db, reportUrl: string, hasReportBatches = false): Promise<ReportedApp> {
  const owner = await addAccount(db);
  const appId = `app${owner.accountId}`;
  const { appSeq } = await updateApp(db, appId, { reportUrl, hasReportBatches });
  const { report_secret: secret } = await db
    .selectFrom('app')
    .select('report_secret')
    .where('app_id', '=', appId)
    .executeTakeFirstOrThrow();
  return { owner, appId, appSeq, secret: secret ?? '' };
}

export const answered = outcomeOf({
  ...{ cause: 'remote-hangup', hasRung: true, isAnswered: true, sipStatus: 200, reason: '' },
  ...nothingHeard,
  ...noFarEndWords,
});

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 5, 4, 0, second));

/** A task of the app with so many calls, all ended as a dialer's ledger ends them. Returns their voice ids in order. */
export async function endedCalls(
  db: Db,
  app: ReportedApp,
  callees: number,
  outcome: Outcome = answered,
): Promise<{ taskId: number; voiceIds: string[] }> {
  const taskId = await addTask(db, { owner: app.owner, callees });
  const processId = randomUUID();
  await registerProcess(db, { processId, kind: 'dialer', host: 'test', pid: 1 });
  const claimed = await claimFrom(db, processId, [{ taskId, max: callees }]);
  const snapshots = claimed.map(({ createdDay, seq }) => ({
    ...{ createdDay, taskId, seq, state: 'ended' as const, trunkId: 4, attempt: 1, displayNum: '555' },
    ...{ invitedAt: at(0), ringingAt: at(1), answeredAt: outcome.callStatus === 50 ? at(3) : null },
    ...{ feedbackValue: null, digits: null, end: { endedAt: at(8), outcome, ...nothingHeard } },
  }));
  await db.transaction().execute((tx) => endCalls(tx, processId, snapshots, noScheduling));
  return { taskId, voiceIds: claimed.map(formatVoiceId) };
}

/** How many reports of an app there are in each state. */
export async function reportStates(db: Db, { appSeq }: ReportedApp): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; n: number }>`
    select state, count(*)::int as n from (
      select case when tries = 0 then 'pending' else 'retrying' end as state from report_due where app_seq = ${appSeq}
      union all select state from report where app_seq = ${appSeq}) s
     group by state order by state`.execute(db);
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}
