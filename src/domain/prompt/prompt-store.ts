import type { Db } from '../../db/tables.ts';
import { BugError } from '../../lib/errors.ts';

/** Audio to be stored as a prompt: mono, signed 16 bit. */
export type NewPrompt = {
  /** What it was made from; the same key is stored once. */
  readonly cacheKey: string;
  readonly pcm: Int16Array;
  /** Hz. */
  readonly sampleRate: number;
};

export type Prompt = NewPrompt & { readonly promptId: number; readonly durationMs: number };

/** Stores the prompt unless its key is there already; returns the id either way. */
export async function storePrompt(db: Db, prompt: NewPrompt): Promise<number> {
  throw new BugError(`not written yet ${db} ${prompt}`);
}
/** null: there is none. Marks it as used, at most once a day. */
export async function loadPrompt(db: Db, promptId: number): Promise<Prompt | null> {
  throw new BugError(`not written yet ${db} ${promptId}`);
}
/** The id of the prompt with this key; null: none. Marks it as used, at most once a day. */
export async function findPromptByKey(db: Db, cacheKey: string): Promise<number | null> {
  throw new BugError(`not written yet ${db} ${cacheKey}`);
}
/** Deletes prompts that no voice file and no task refers to and that were not used since `unusedSince`; returns how many. */
export async function deleteUnusedPrompts(db: Db, unusedSince: Date): Promise<number> {
  throw new BugError(`not written yet ${db} ${unusedSince}`);
}
