import type { Db } from '../db/tables.ts';
import { calleesAhead, type RunnableTask } from '../domain/task/claim.ts';
import { fillSpeech } from '../domain/task/settings.ts';
import type { Clock } from '../lib/clock.ts';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { PromptSource } from '../speech/prompt-source.ts';
import type { SpeechProvider, Synthesizer } from '../speech/synthesizer.ts';
import { Lookahead } from './lookahead.ts';
import type { PromptLease, PromptShelf } from './prompt-shelf.ts';

/** What a task plays: how many of its next callees could hear it now, and what a claimed one hears. */
export interface TaskPrompts {
  /** Why nothing is ready; null: something is, or will be in a moment. */
  readonly trouble: string | null;
  /** Call it often: prepares what is missing. */
  advance(nextSeq: number): void;
  readyCount(nextSeq: number): number;
  take(seq: number, variables: readonly (string | null)[] | null): Promise<PromptLease>;
  close(): void;
}

export type TaskPromptsDeps = {
  readonly db: Db;
  readonly clock: Clock;
  readonly shelf: PromptShelf;
  readonly speechBy: SpeechBy;
};

/** Text to speech as the dialer needs it. */
export type Speech = Pick<PromptSource, 'promptFor'> & Pick<Synthesizer, 'voiceFor'>;

/** By provider. Throws a retryable InfrastructureError where one is not set up. */
export type SpeechBy = (provider: SpeechProvider) => Speech;

const lookaheadDepth = 64;
const lookaheadConcurrency = 2;

/** One prompt for all callees, or one for each. */
export function taskPromptsFor(task: RunnableTask, deps: TaskPromptsDeps): TaskPrompts {
  return task.promptId === null ? spokenPrompts(task, deps) : new SharedPrompt(task.promptId, deps.shelf, deps.clock);
}

/** A failed load is tried again after this long, ms. */
const retryMs = 2000;

class SharedPrompt implements TaskPrompts {
  readonly #promptId: number;
  readonly #shelf: PromptShelf;
  readonly #clock: Clock;
  #lease: PromptLease | null = null;
  #isLoading = false;
  #isClosed = false;
  #retryAt = Number.NEGATIVE_INFINITY;
  trouble: string | null = null;

  constructor(promptId: number, shelf: PromptShelf, clock: Clock) {
    this.#promptId = promptId;
    this.#shelf = shelf;
    this.#clock = clock;
  }

  advance(): void {
    if (this.#lease || this.#isLoading || this.#isClosed || this.#clock.monotonic() < this.#retryAt) return;
    this.#isLoading = true;
    this.#shelf.acquire(this.#promptId).then(
      (lease) => {
        this.#isLoading = false;
        this.trouble = null;
        if (this.#isClosed) lease.release();
        else this.#lease = lease;
      },
      (error: unknown) => {
        this.#isLoading = false;
        this.trouble = `the prompt cannot be loaded: ${messageOf(error)}`;
        this.#retryAt = this.#clock.monotonic() + retryMs;
      },
    );
  }

  readyCount(): number {
    return this.#lease ? Number.MAX_SAFE_INTEGER : 0;
  }

  take(): Promise<PromptLease> {
    return this.#shelf.acquire(this.#promptId);
  }

  close(): void {
    this.#isClosed = true;
    this.#lease?.release();
    this.#lease = null;
  }
}

function spokenPrompts(task: RunnableTask, deps: TaskPromptsDeps): TaskPrompts {
  const { content } = task.settings;
  const make = async (variables: readonly (string | null)[] | null, signal: AbortSignal): Promise<PromptLease> => {
    const speech = deps.speechBy(task.speechProvider);
    const { ssmlGender, accent } = content;
    const choice = speech.voiceFor({ lan: content.lan ?? '', ssmlGender, accent });
    if (choice === null) throw new InfrastructureError(`no voice speaks ${content.lan}`, { retryable: false });
    const text = fillSpeech(content.text ?? '', variables);
    const request = { voice: choice.voice, text, speakingRate: content.speakingRate ?? 1 };
    const { promptId } = await speech.promptFor(request, signal);
    return deps.shelf.acquire(promptId);
  };
  return new Lookahead({
    clock: deps.clock,
    read: (fromSeq, max) => calleesAhead(deps.db, task, fromSeq, max),
    make,
    depth: lookaheadDepth,
    concurrency: lookaheadConcurrency,
  });
}
