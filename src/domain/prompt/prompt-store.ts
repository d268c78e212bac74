import { sql } from 'kysely';
import type { Db } from '../../db/tables.ts';
import { taskStatus } from '../task/status.ts';

/** Audio to be stored as a prompt: mono, signed 16 bit. */
export type NewPrompt = {
  /** What it was made from; the same key is stored once. */
  readonly cacheKey: string;
  readonly pcm: Int16Array;
  /** Hz. */
  readonly sampleRate: number;
  /** Left out: not measured. */
  readonly sound?: PromptSound;
};

/** What is known of a prompt's sound. */
export type PromptSound = {
  /** LUFS, as it came and as it is played; null: too quiet for the measure. */
  readonly loudnessBefore: number | null;
  readonly loudnessAfter: number | null;
  /** Lowest and highest sample of equal parts in turn, 127 = full scale. */
  readonly waveform: Int8Array;
};

export type Prompt = Omit<NewPrompt, 'sound'> & { readonly promptId: number; readonly durationMs: number };

/** Stores the prompt unless its key is there already; returns the id either way. */
export async function storePrompt(db: Db, prompt: NewPrompt): Promise<number> {
  const { sound } = prompt;
  const { rows } = await sql<{ promptId: number }>`
    insert into prompt (cache_key, sample_rate, duration_ms, pcm, loudness_before, loudness_after, waveform)
    values (${prompt.cacheKey}, ${prompt.sampleRate},
            ${Math.round((prompt.pcm.length * 1000) / prompt.sampleRate)}, ${bytesOf(prompt.pcm)},
            ${sound?.loudnessBefore ?? null}, ${sound?.loudnessAfter ?? null},
            ${sound === undefined ? null : bytesOf(sound.waveform)})
    on conflict (cache_key) do nothing
    returning prompt_id as "promptId"`.execute(db);
  const promptId = rows[0]?.promptId ?? (await findPromptByKey(db, prompt.cacheKey));
  // Only when it was collected as garbage between the two statements.
  return promptId ?? storePrompt(db, prompt);
}

/** null: there is none. Marks it as used, at most once a day. */
export async function loadPrompt(db: Db, promptId: number): Promise<Prompt | null> {
  const row = await db
    .selectFrom('prompt')
    .select(['prompt_id', 'cache_key', 'sample_rate', 'duration_ms', 'pcm'])
    .where('prompt_id', '=', promptId)
    .executeTakeFirst();
  if (!row) return null;
  await markUsed(db, promptId);
  return {
    promptId: row.prompt_id,
    cacheKey: row.cache_key,
    sampleRate: row.sample_rate,
    durationMs: row.duration_ms,
    pcm: samplesOf(row.pcm),
  };
}

/** The id of the prompt with this key; null: none. Marks it as used, at most once a day. */
export async function findPromptByKey(db: Db, cacheKey: string): Promise<number | null> {
  const row = await db.selectFrom('prompt').select('prompt_id').where('cache_key', '=', cacheKey).executeTakeFirst();
  if (!row) return null;
  await markUsed(db, row.prompt_id);
  return row.prompt_id;
}

/** Since when a prompt must not have been used to be deleted. It is marked as used at most once a day. */
export type UnusedSince = {
  readonly prompt: Date;
  /** Of a direct call's, whose text is hardly ever spoken again: later than the day and the longest recall interval (17 hours) together. */
  readonly directPrompt: Date;
};

/** Deletes prompts that no voice file and no client's task refers to and that are not used any more, at most a thousand; returns how many. */
export async function deleteUnusedPrompts(db: Db, unusedSince: UnusedSince): Promise<number> {
  // Two statements: a reference that was made after the first one's snapshot holds a key-share lock, so that the row is skipped, or has
  // committed, so that the second one sees it.
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ promptId: number }>`
      select prompt_id as "promptId" from prompt p
       where (used_at < ${unusedSince.prompt} or (used_at < ${unusedSince.directPrompt} and ${isOfDirectCalls})) and ${isUnreferenced}
       order by prompt_id limit 1000 for update skip locked`.execute(tx);
    if (rows.length === 0) return 0;
    const promptIds = rows.map((row) => row.promptId);
    await sql`
      update task set prompt_id = null
       where prompt_id = any(${promptIds}::bigint[]) and is_hidden and status <> ${taskStatus.calling}`.execute(tx);
    const deleted = await sql`
      delete from prompt p where prompt_id = any(${promptIds}::bigint[]) and ${isUnreferenced}
         and not exists (select from task t where t.prompt_id = p.prompt_id)`.execute(tx);
    return Number(deleted.numAffectedRows ?? 0n);
  });
}

/** A prompt of more direct calls than this is worth keeping, and not worth the writes of letting go of it: it goes after its tasks. */
const fewTasks = 100;

const isUnreferenced = sql`
  not exists (select from voice_file v where v.prompt_id = p.prompt_id)
  and not exists (
    select from (select is_hidden, status from task t where t.prompt_id = p.prompt_id limit ${sql.lit(fewTasks + 1)}) few
    having count(*) > ${sql.lit(fewTasks)} or bool_or(not is_hidden or status = ${sql.lit(taskStatus.calling)}))`;

const isOfDirectCalls = sql`exists (select from task t where t.prompt_id = p.prompt_id)`;

async function markUsed(db: Db, promptId: number): Promise<void> {
  await sql`update prompt set used_at = now() where prompt_id = ${promptId} and used_at < now() - interval '1 day'`.execute(
    db,
  );
}

function bytesOf(array: Int16Array | Int8Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy of its own: the driver's buffer need not be aligned to 16 bits. */
function samplesOf(bytes: Buffer): Int16Array {
  const copy = new Uint8Array(bytes);
  return new Int16Array(copy.buffer);
}
