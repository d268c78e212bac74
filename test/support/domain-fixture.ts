import { sql } from 'kysely';
import type { Db } from '../../src/db/tables.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { createAccount } from '../../src/domain/account/account-store.ts';
import { createApp } from '../../src/domain/app/app-store.ts';
import type { DirectCall } from '../../src/domain/direct/submit-direct.ts';
import type { JobData, JobName, JobQueue, Scheduling } from '../../src/domain/job/scheduling.ts';
import { storePrompt } from '../../src/domain/prompt/prompt-store.ts';
import { finishTasksIfDone } from '../../src/domain/task/completion.ts';
import type { CallSettings, Content } from '../../src/domain/task/settings.ts';
import type { SubmittedRecallFlow, TaskSubmission } from '../../src/domain/task/submission.ts';
import { storeVoiceFile } from '../../src/domain/voice-file/voice-file-store.ts';
import { ignoringMachines } from './call-plan.ts';
import type { TestDatabase } from './database.ts';

type EnqueuedJob = { readonly name: JobName; readonly data: JobData[JobName]; readonly startAfter: Date | null };

/** A clock that is set by hand, and a queue that only remembers. */
/** An upload that was stored as it came. */
export const unfinished = { isNormalized: false, isTrimmed: false };

export type TestScheduling = Scheduling & {
  readonly enqueued: EnqueuedJob[];
  advance(ms: number): void;
};

/** `enqueued` also holds jobs of transactions that were rolled back: assert on states, and on jobs only after success. */
export function testScheduling(): TestScheduling {
  let now = Date.now();
  const enqueued: EnqueuedJob[] = [];
  const jobs: JobQueue = {
    async enqueue(_db, name, data, options) {
      enqueued.push({ name, data, startAfter: options.startAfter });
    },
  };
  const refuse = (): never => {
    throw new Error('the domain sets no timers');
  };
  return {
    clock: { now: () => now, monotonic: () => now, setTimer: refuse },
    jobs,
    recallMinuteMs: 60_000,
    enqueued,
    advance(ms) {
      now += ms;
    },
  };
}

export type DomainFixture = {
  readonly database: TestDatabase;
  readonly db: Db;
  readonly account: Account;
  readonly appId: string;
  readonly fileId: string;
  readonly promptId: number;
  readonly scheduling: TestScheduling;
};

/** An account with a voice app and an uploaded file. */
export async function createDomainFixture(database: TestDatabase, name: string): Promise<DomainFixture> {
  const { db } = database;
  const account = await createAccount(db, { name });
  const app = await createApp(db, { accountId: account.accountId, name: 'voice', kind: 'voice' });
  const promptId = await storePrompt(db, { cacheKey: `file:${name}`, pcm: new Int16Array(8000), sampleRate: 8000 });
  const file = { accountId: account.accountId, fileName: 'hello.wav', sizeBytes: 16_044, promptId, ...unfinished };
  const fileId = await storeVoiceFile(db, file);
  return { database, db, account, appId: app.appId, fileId, promptId, scheduling: testScheduling() };
}

/** Uploaded content unless `content` says otherwise; no SMS, no transfer. */
export function settingsOf(content: Partial<Content>): CallSettings {
  const nothing = { source: 1, voiceFileId: null, uploadName: null, text: null, lan: null } as const;
  return {
    content: { ...nothing, speakingRate: null, ssmlGender: null, accent: null, ...content },
    hangUpSms: {
      hangUpSms: 0,
      smsAppId: null,
      smsContent: null,
      senderId: null,
      feedbackPush: null,
      feedbackValue: null,
      successPush: null,
      successPushTime: null,
      failedPush: null,
      ringPush: null,
    },
    transfer: {
      toSeat: 0,
      sipGroupId: null,
      outboundControl: null,
      calloutRate: null,
      toSeatType: null,
      toSeatKey: null,
      delayTransfer: null,
    },
  };
}

/** Three callees and the fixture's file, at once, unless `fields` says otherwise. */
export function submissionOf(fixture: DomainFixture, fields: Partial<TaskSubmission> = {}): TaskSubmission {
  return {
    appId: fixture.appId,
    taskName: 'task',
    displayNum: null,
    settings: settingsOf({ voiceFileId: fixture.fileId }),
    plan: {
      delayPlayS: 0,
      delayHangupS: 0,
      maxRingingS: 60,
      loopCount: 1,
      maxCallS: 40,
      isRecorded: false,
      ...ignoringMachines,
    },
    sendTime: null,
    windows: [],
    callees: ['8613242926514', '8613242926515', '8613242926516'].map((number) => ({ number, variables: null })),
    duplicateCount: 0,
    invalidCount: 0,
    recallFlow: null,
    ...fields,
  };
}

/** A direct call of sendCode to one callee, without a recall, unless `fields` says otherwise. */
export function directCallOf(fixture: DomainFixture, fields: Partial<DirectCall> = {}): DirectCall {
  const { plan, callees } = submissionOf(fixture);
  return {
    ...{ accountId: fixture.account.accountId, appId: fixture.appId, endpoint: 'sendCode', callType: 2 },
    ...{ displayNum: null, plan, callees: callees.slice(0, 1), calledInfo: null, templateId: null, recall: null },
    content: settingsOf({ source: 3, text: 'Your code is 1,2,3,4', lan: 'EN' }).content,
    promptId: fixture.promptId,
    ...fields,
  };
}

export function flowOf(fields: Partial<SubmittedRecallFlow> = {}): SubmittedRecallFlow {
  return { recallType: 1, recallInterval: 30, recallNum: 2, nodes: [], ...fields };
}

/**
 * Ends the calls of all callees of a task as a dialer's ledger does: rows and counters in one transaction, and the task finished in it.
 * `statusOf` gives each callee's call status.
 */
export async function callEverybody(
  fixture: Pick<DomainFixture, 'db' | 'scheduling'>,
  taskId: number,
  statusOf: (seq: number) => 10 | 20 | 50,
): Promise<void> {
  await fixture.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ seq: number }>`
      select c.seq from callee c join task t on t.created_day = c.created_day and t.task_id = c.task_id
       where t.task_id = ${taskId} order by c.seq`.execute(tx);
    const statuses = rows.map((row) => statusOf(row.seq));
    await sql`
      insert into call (created_day, task_id, seq, account_id, process_id, number, state, claimed_at, invited_at, ringing_at, answered_at,
                        ended_at, outcome_class, call_status, termination_code, termination_reason, sip_status)
      select c.created_day, c.task_id, c.seq, t.account_id, gen_random_uuid(), c.number, 'ended', now(), now(), now(),
             case when s.status = 50 then now() end, now() + interval '5 seconds',
             case when s.status = 50 then 'success' else 'callee' end, s.status,
             case when s.status = 50 then '0' else '486' end, 'as scripted', case when s.status = 50 then 200 else 486 end
        from unnest(${statuses}::smallint[]) with ordinality as s (status, seq)
        join task t on t.task_id = ${taskId}
        join callee c on c.created_day = t.created_day and c.task_id = t.task_id and c.seq = s.seq`.execute(tx);
    const successes = statuses.filter((status) => status === 50).length;
    await sql`
      update task set next_seq = number_count + 1, ended_count = number_count, success_count = ${successes},
             fail_count = number_count - ${successes}
       where task_id = ${taskId}`.execute(tx);
    await finishTasksIfDone(tx, [taskId], fixture.scheduling);
  });
}

/** A task's numbers in the order of seq. */
export async function numbersOf(db: Db, taskId: number): Promise<string[]> {
  const { rows } = await sql<{
    number: string;
  }>`select number from callee where task_id = ${taskId} order by seq`.execute(db);
  return rows.map((row) => row.number);
}

/** A task's status. */
export async function statusOfTask(db: Db, taskId: number): Promise<number> {
  const row = await db.selectFrom('task').select('status').where('task_id', '=', taskId).executeTakeFirstOrThrow();
  return row.status;
}

/** For `assert.rejects`: a request error with this key of the registry. */
export function withKey(key: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'key' in error && error.key === key;
}

/** A variable of a template, as `$` + `{text1}`. */
export function variable(index: number): string {
  return `\${text${index}}`;
}
