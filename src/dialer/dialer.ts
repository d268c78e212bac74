import type { CallEngine } from '../call/engine.ts';
import type { Database } from '../db/database.ts';
import type { Scheduling } from '../domain/job/scheduling.ts';
import { defaultTiming, Membership, type MembershipTiming } from '../domain/process/membership.ts';
import type { ProcessIdentity } from '../domain/process/registry.ts';
import { loadPrompt } from '../domain/prompt/prompt-store.ts';
import { CallLedger } from '../domain/record/call-ledger.ts';
import { taskChannel } from '../domain/task/effects.ts';
import { CallTraces } from '../domain/trace/call-traces.ts';
import { trunkTestChannel } from '../domain/trunk/trunk-test.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { InfrastructureError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { Dispatcher, type DispatchLimits, defaultLimits } from './dispatcher.ts';
import { PromptShelf } from './prompt-shelf.ts';
import type { RecordingKeeper } from './recording-keeper.ts';
import { TaskBoard } from './task-board.ts';
import { type SpeechBy, taskPromptsFor } from './task-prompts.ts';
import { TrunkPool } from './trunk-pool.ts';
import { TrunkTester } from './trunk-tester.ts';

/** Makes the calls of all running tasks, together with the other dialer processes on the same database. */
export interface Dialer {
  /** Registers the process and begins. Rejects when PostgreSQL cannot be reached; once started, its absence is lived through. */
  start(): Promise<void>;
  /**
   * The orderly end: no new calls; those in progress may go on for `graceMs` and are hung up then; everything is written. Rejects when it could
   * not be written within 15 s more; other processes end those calls as indeterminate then. Idempotent.
   */
  drain(graceMs: number): Promise<void>;
  /** The end at once: hangs up, writes nothing. What is open is ended by other processes, as after a crash. */
  kill(): void;
  /** Calls that have not ended, and results that are not written. */
  figures(): DialerFigures;
}

export type DialerFigures = { readonly openCalls: number; readonly unwrittenResults: number };

export type DialerDeps = {
  readonly database: Pick<Database, 'db' | 'listen'>;
  readonly engine: CallEngine;
  readonly speechBy: SpeechBy;
  /** Owned from here on: begun, drained and closed with the dialer. */
  readonly recordings: Pick<RecordingKeeper, 'start' | 'record' | 'drain' | 'close'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly scheduling: Scheduling;
  readonly identity: Omit<ProcessIdentity, 'kind'>;
  /** The others took this process for dead and ended its calls. It has stopped calling; the process must end. */
  readonly onFenced: () => void;
  readonly timing?: MembershipTiming;
  readonly limits?: Partial<DispatchLimits>;
};

/** How long the far sides have to answer a hang-up, ms (Timer F of RFC 3261 would be 32 s). */
const hangUpMs = 5000;
/** How long the last results may take to be written, ms. */
const lastWriteMs = 15_000;
/** How long the last recordings may take to be stored, ms; what is left then is stored by another process of this machine. */
const lastStoreMs = 10_000;

export function createDialer(deps: DialerDeps): Dialer {
  return new RunningDialer(deps);
}

/** Composition and life cycle; the work is the dispatcher's. Owns everything it makes; the engine and the database are the caller's. */
class RunningDialer implements Dialer {
  readonly #deps: DialerDeps;
  readonly #membership: Membership;
  readonly #ledger: CallLedger;
  readonly #traces: CallTraces;
  readonly #shelf: PromptShelf;
  readonly #trunks: TrunkPool;
  readonly #board: TaskBoard;
  readonly #dispatcher: Dispatcher;
  readonly #tester: TrunkTester;
  readonly #stopListening: (() => Promise<void>)[] = [];
  #draining: Promise<void> | null = null;
  #isKilled = false;

  constructor(deps: DialerDeps) {
    this.#deps = deps;
    const { engine, clock, random, logger, scheduling, speechBy } = deps;
    const { db } = deps.database;
    const { processId } = deps.identity;
    this.#ledger = new CallLedger({ db, clock, random, logger, processId, scheduling });
    this.#traces = new CallTraces({ db, clock, random, logger, processId });
    this.#shelf = new PromptShelf({ engine, clock, read: (promptId) => readPrompt(db, promptId) });
    this.#trunks = new TrunkPool({ engine, clock, random, logger, processId, onRoom: () => this.#dispatcher.wake() });
    this.#tester = new TrunkTester({ db, engine, clock, logger, processId });
    this.#board = new TaskBoard({
      processId,
      clock,
      promptsFor: (task) => taskPromptsFor(task, { db, clock, shelf: this.#shelf, speechBy }),
    });
    this.#membership = new Membership({
      db,
      clock,
      logger,
      scheduling,
      identity: { ...deps.identity, kind: 'dialer' },
      timing: deps.timing ?? defaultTiming,
      usage: () => ({ ...this.#trunks.usage(), ...this.#board.usage(this.#membership.peers) }),
      onFenced: () => {
        this.kill();
        deps.onFenced();
      },
    });
    this.#dispatcher = new Dispatcher({
      db,
      engine,
      clock,
      random,
      logger,
      processId,
      membership: this.#membership,
      ledger: this.#ledger,
      traces: this.#traces,
      recordings: deps.recordings,
      trunks: this.#trunks,
      board: this.#board,
      limits: { ...defaultLimits, ...deps.limits },
    });
  }

  async start(): Promise<void> {
    await this.#membership.start();
    const { database } = this.#deps;
    this.#stopListening.push(
      await database.listen(taskChannel, () => this.#dispatcher.taskChanged()),
      await database.listen(trunkTestChannel, (trunkTestId) => void this.#tester.test(trunkTestId)),
    );
    await this.#deps.recordings.start();
    this.#dispatcher.start();
  }

  drain(graceMs: number): Promise<void> {
    this.#draining ??= this.#drain(graceMs);
    return this.#draining;
  }

  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#membership.abandon();
    this.#ledger.close();
    void this.#dispatcher.stop();
    this.#dispatcher.hangUpAll();
    this.#closeParts();
  }

  figures(): DialerFigures {
    return { openCalls: this.#dispatcher.openCalls, unwrittenResults: this.#ledger.backlog };
  }

  async #drain(graceMs: number): Promise<void> {
    const { logger } = this.#deps;
    const stopped = this.#dispatcher.stop();
    logger.info({ ...this.figures(), graceMs }, 'dialer stopping');
    const empty = async (): Promise<void> => {
      await stopped;
      await this.#dispatcher.empty();
    };
    await this.#atMost(graceMs, empty());
    this.#dispatcher.hangUpAll();
    await this.#atMost(hangUpMs, this.#dispatcher.empty());
    this.#dispatcher.giveUpAll();
    try {
      if (this.#isKilled) return;
      await this.#ledger.drain(AbortSignal.timeout(lastWriteMs));
      await this.#traces.drain();
      await this.#deps.recordings.drain(lastStoreMs);
      await this.#membership.stop();
    } finally {
      this.#membership.abandon();
      this.#ledger.close();
      this.#closeParts();
    }
  }

  /** Resolves with the work, or when its time is over. */
  async #atMost(limitMs: number, work: Promise<void>): Promise<void> {
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = this.#deps.clock.setTimer(resolve, limitMs);
    });
    await Promise.race([work, limit]);
    timer?.cancel();
  }

  #closeParts(): void {
    this.#traces.close();
    this.#deps.recordings.close();
    this.#board.close();
    this.#shelf.close();
    this.#trunks.close();
    this.#tester.close();
    for (const stopListening of this.#stopListening.splice(0)) {
      stopListening().catch((error: unknown) => {
        this.#deps.logger.warn({ err: error }, 'could not stop listening');
      });
    }
  }
}

async function readPrompt(db: Database['db'], promptId: number) {
  const prompt = await loadPrompt(db, promptId);
  if (!prompt) throw new InfrastructureError(`prompt ${promptId} does not exist`, { retryable: false });
  return { promptKey: String(promptId), pcm: prompt.pcm, sampleRate: prompt.sampleRate };
}
