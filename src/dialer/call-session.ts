import { type CallEngine, type Leg, type LegEnd, type LegEvent, noFarEndWords, nothingHeard } from '../call/engine.ts';
import { indeterminateOutcome, localOutcome, type Outcome, outcomeOf } from '../call/outcome.ts';
import {
  feedbackValueOf,
  type ScriptInput,
  type ScriptState,
  type ScriptTimer,
  startScript,
  stepScript,
} from '../call/script.ts';
import type { CallEnd, CallSnapshot } from '../domain/record/call-ledger-sql.ts';
import type { ClaimedCallee } from '../domain/task/claim.ts';
import type { CallPlan } from '../domain/task/submission.ts';
import type { CallTraces } from '../domain/trace/call-traces.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { type Logger, maskNumber } from '../lib/logger.ts';
import { addressedCall } from './addressed-call.ts';
import { CallTimes } from './call-times.ts';
import type { PromptLease } from './prompt-shelf.ts';
import type { RecordingKeeper } from './recording-keeper.ts';
import { machineRecordOf, scriptPlanOf } from './script-plan.ts';
import { SessionTrace } from './session-trace.ts';
import type { TrunkPool, TrunkVerdict } from './trunk-pool.ts';

/** A claimed callee with what its call is to be like. */
export type SessionCall = {
  readonly callee: ClaimedCallee;
  readonly accountId: number;
  readonly displayNum: string | null;
  readonly plan: CallPlan;
  /** See {@link CallSnapshot}. */
  readonly textsAnswer?: boolean;
  /** When the claim was known to be committed; monotonic ms. */
  readonly claimedAt: number;
  /** What it plays; released at the end. */
  readonly prompt: Promise<PromptLease>;
};

export type SessionLimits = {
  /** A claim that is older than this when its call begins is void, ms: the process was frozen. */
  readonly staleClaimMs: number;
  /** How long a call may wait for trunks that are down, ms. */
  readonly holdMs: number;
  /** INVITEs for one call, over all trunks. */
  readonly maxAttempts: number;
};

export type SessionDeps = {
  readonly engine: Pick<CallEngine, 'dial'>;
  readonly traces: Pick<CallTraces, 'begin'>;
  readonly recordings: Pick<RecordingKeeper, 'record'>;
  readonly trunks: Pick<TrunkPool, 'take' | 'callerIdFor' | 'conditionOf' | 'observe' | 'release'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: SessionLimits;
  /** Whether this process is still entitled to its open calls (see Membership), and the task to make calls at this time. */
  readonly mayDial: () => boolean;
  readonly report: (snapshot: CallSnapshot) => void;
  /** Called once, after the last report. */
  readonly onEnd: (session: CallSession) => void;
};

/**
 * One callee's call, from the claim to its one outcome.
 *
 *   preparing --prompt ready--> held <----------------------+
 *                                | trunk taken              | failed before ringing, another trunk may, or the trunk is in doubt
 *                                v                          |
 *                              dialing -- leg ended --------+--------> ended
 *
 * preparing: waits for what is to be played. Nothing has left.
 * held: waits for a trunk: for its channel, its pace, or its circuit. `retry` looks again. A call whose trunks are down is given up after `holdMs`; for one
 *   that only has no channel free it waits as long as it takes, because calls are long and the callee is not at fault.
 * dialing: a leg is up, ringing or answered; its events drive the script. Only an outcome that may try the next trunk leads back.
 * ended: reported, the prompt and the channel are given back. Everything that still comes is ignored.
 */
export class CallSession {
  readonly call: SessionCall;
  readonly #deps: SessionDeps;
  readonly #tried = new Set<number>();
  readonly #timers = new Map<ScriptTimer, Timer>();
  readonly #times: CallTimes;
  readonly #trace: SessionTrace;
  #state: 'preparing' | 'held' | 'dialing' | 'ended' = 'preparing';
  #attempt = 0;
  #trunk: Trunk | null = null;
  /** When the present attempt went out, monotonic ms, and whether its trunk has done something with it. */
  #dialedAt = 0;
  #isVouched = false;
  #leg: Leg | null = null;
  #displayNum: string | null = null;
  #prompt: PromptLease | null = null;
  #script: ScriptState;
  #lastOutcome: Outcome | null = null;
  /** The trunk that the call failed over was found to be down: the call is made again when it is back. */
  #wasDown = false;
  #isStopping = false;
  #heldSince = 0;
  /** Since when no trunk for it works, monotonic ms; null: one does. */
  #downSince: number | null = null;

  constructor(call: SessionCall, deps: SessionDeps) {
    this.call = call;
    this.#deps = deps;
    this.#times = new CallTimes(deps.clock, call.claimedAt);
    this.#trace = new SessionTrace(deps.traces, call.callee);
    this.#script = startScript(scriptPlanOf(call.plan));
  }

  /** Since when it waits for a trunk, monotonic ms; null: it does not. */
  get heldSince(): number | null {
    return this.#state === 'held' ? this.#heldSince : null;
  }

  /** Whether nothing is on the wire for it. */
  get isWaiting(): boolean {
    return this.#state === 'held' || this.#state === 'preparing';
  }

  /** Starts it, at once if prompt and trunk are there. Never rejects. */
  async begin(): Promise<void> {
    const { clock, limits } = this.#deps;
    if (clock.monotonic() - this.call.claimedAt > limits.staleClaimMs) {
      this.#end(indeterminateOutcome('tooLate', false));
    }
    try {
      const lease = await this.call.prompt;
      if (this.#state === 'ended') {
        lease.release();
        return;
      }
      this.#prompt = lease;
    } catch (error) {
      this.#end(localOutcome('noPrompt', messageOf(error)));
      return;
    }
    this.#hold();
    this.#proceed();
  }

  /** Looks again for a trunk, if it waits for one. */
  retry(): void {
    if (this.#state !== 'held') return;
    this.#proceed();
    if (this.#state !== 'held' || this.#downSince === null) return;
    if (this.#deps.clock.monotonic() - this.#downSince <= this.#deps.limits.holdMs) return;
    this.#end(this.#lastOutcome ?? localOutcome('noTrunk', 'no trunk could take the call in time'));
  }

  /** The call is not to be made any more. One that is under way goes on, but over no other trunk. */
  stop(reason: string): void {
    this.#isStopping = true;
    if (this.isWaiting) this.#end(this.#lastOutcome ?? localOutcome('stopped', reason));
  }

  /** Ends a call under way. */
  hangUp(): void {
    this.stop('the platform is stopping');
    this.#times.hangUp();
    this.#leg?.hangUp();
  }

  /** Writes down an end without waiting for the far side, which did not come after `hangUp`. */
  giveUp(): void {
    const isAnswered = this.#times.answeredAt !== null;
    const hasRung = this.#times.ringingAt !== null;
    const sipStatus = isAnswered ? 200 : null;
    this.#onEnded({
      cause: 'engine-closed',
      hasRung,
      isAnswered,
      sipStatus,
      reason: '',
      ...nothingHeard,
      ...noFarEndWords,
    });
  }

  #hold(): void {
    this.#state = 'held';
    this.#heldSince = this.#deps.clock.monotonic();
  }

  #proceed(): void {
    // Without the lease the call may have been ended by others meanwhile: it waits until a heartbeat, or the fence, decides.
    if (!this.#deps.mayDial()) return;
    this.#reconsider();
    const search = this.#deps.trunks.take(this.call.callee.number, this.#tried);
    switch (search.type) {
      case 'taken':
        this.#dial(search.trunk);
        return;
      case 'wait':
        this.#downSince = search.isBusy ? null : (this.#downSince ?? this.#deps.clock.monotonic());
        return;
      case 'none':
        this.#downSince ??= this.#deps.clock.monotonic();
        if (!this.#isInDoubt()) this.#end(this.#lastOutcome ?? localOutcome('noTrunk', search.reason));
        return;
    }
  }

  /** A trunk that was down and may be tried again counts as not tried. */
  #reconsider(): void {
    if (!this.#trunk || !this.#lastOutcome) return;
    const condition = this.#deps.trunks.conditionOf(this.#trunk.trunkId);
    if (condition === 'down') this.#wasDown = true;
    if (!this.#wasDown || (condition !== 'up' && condition !== 'trial')) return;
    this.#wasDown = false;
    this.#tried.clear();
  }

  /** Whether the failed call is kept because its trunk may be at fault, so that a dead trunk does not burn the list. */
  #isInDoubt(): boolean {
    if (!this.#trunk || !this.#lastOutcome || this.#attempt >= this.#deps.limits.maxAttempts) return false;
    return this.#deps.trunks.conditionOf(this.#trunk.trunkId) !== 'up';
  }

  #dial(trunk: Trunk): void {
    this.#attempt += 1;
    this.#trunk = trunk;
    this.#dialedAt = this.#deps.clock.monotonic();
    this.#isVouched = false;
    this.#state = 'dialing';
    this.#times.invite();
    const { callee, displayNum } = this.call;
    const callerId = displayNum ?? this.#deps.trunks.callerIdFor(trunk.trunkId, callee.number);
    // The record keeps numbers as they are known here, however the trunk wants them written.
    this.#displayNum = callerId ?? trunk.username;
    const attempt = this.#attempt;
    const request = {
      ...addressedCall(trunk, callee, callerId),
      sipCallId: this.#sipCallId,
      ringTimeoutMs: this.call.plan.maxRingingS * 1000,
      detectsMachine: this.call.plan.detectsMachine,
      trace: this.#trace.attempt(trunk, attempt, callerId),
    };
    try {
      const leg = this.#deps.engine.dial(request, (event) => {
        if (attempt === this.#attempt && this.#state === 'dialing') this.#onEvent(event);
      });
      // The leg may have ended, and another begun, before `dial` returned.
      if (attempt === this.#attempt && this.#state === 'dialing') this.#leg = leg;
    } catch (error) {
      // One call that cannot be made must not take all the others down with the process.
      const { taskId, seq } = this.call.callee;
      this.#deps.logger.error({ err: error, taskId, seq }, 'a call could not be begun');
      if (attempt === this.#attempt && this.#state === 'dialing') this.#onEnded(failedLeg(messageOf(error)));
    }
  }

  #onEvent(event: LegEvent): void {
    switch (event.type) {
      case 'ringing':
        this.#times.ring();
        this.#observeGood();
        this.#report('ringing');
        return;
      case 'answered':
        this.#times.answer();
        this.#observeGood();
        this.#report('answered');
        this.#record();
        this.#step({ type: 'answered' });
        return;
      case 'media-started':
        this.#times.media();
        return;
      case 'digit':
        this.#onDigit(event.digit);
        return;
      case 'answerer':
      case 'machine-records':
        this.#step(event);
        return;
      case 'play-ended':
        this.#step({ type: 'play-ended' });
        return;
      case 'ended':
        this.#onEnded(event.end);
        return;
    }
  }

  #record(): void {
    const { callee, plan } = this.call;
    if (plan.isRecorded && this.#leg !== null) this.#deps.recordings.record(callee, this.#leg);
  }

  #onDigit(digit: string): void {
    const before = this.#script.digits;
    this.#step({ type: 'digit', digit });
    // At once, so that a key counts also when this process does not live to see the end.
    if (this.#script.digits !== before) this.#report('answered');
  }

  #observeGood(): void {
    if (this.#trunk === null || this.#isVouched) return;
    this.#isVouched = true;
    this.#deps.trunks.observe(this.#trunk.trunkId, { type: 'good', beganAt: this.#dialedAt });
  }

  #step(input: ScriptInput): void {
    const { state, actions } = stepScript(this.#script, input);
    this.#script = state;
    for (const action of actions) {
      switch (action.type) {
        case 'set-timer':
          this.#setTimer(action.timer, action.afterMs);
          break;
        case 'play':
          if (this.#prompt) this.#leg?.play(this.#prompt.promptKey, action.loopCount);
          break;
        case 'stop-play':
          this.#leg?.stopPlay();
          break;
        case 'hang-up':
          this.#times.hangUp();
          this.#leg?.hangUp();
          break;
        case 'cancel-timers':
          for (const timer of this.#timers.values()) timer.cancel();
          this.#timers.clear();
          break;
      }
    }
  }

  #setTimer(timer: ScriptTimer, afterMs: number): void {
    this.#timers.get(timer)?.cancel();
    this.#timers.set(
      timer,
      this.#deps.clock.setTimer(() => this.#step({ type: 'timer', timer }), afterMs),
    );
  }

  #onEnded(end: LegEnd): void {
    if (this.#state === 'ended') return;
    const outcome = outcomeOf(end, this.#script.answerer);
    this.#trace.legEnded(end);
    this.#leg = null;
    if (this.#state === 'dialing' && this.#trunk) {
      // Held before the channel is given back: what that wakes may look at this call.
      this.#hold();
      const verdict = this.#isVouched ? null : verdictOf(end, outcome, this.#dialedAt);
      this.#deps.trunks.release(this.#trunk.trunkId, verdict);
    }
    if (!outcome.mayTryNextTrunk || this.#isStopping || this.#attempt >= this.#deps.limits.maxAttempts) {
      this.#end(outcome, { media: end.media, machine: machineRecordOf(end, this.#script) });
      return;
    }
    this.#lastOutcome = outcome;
    if (this.#trunk) this.#tried.add(this.#trunk.trunkId);
    this.#proceed();
  }

  #end(outcome: Outcome, heard: Pick<CallEnd, 'media' | 'machine'> = nothingHeard): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    // Not for a failed attempt: the script is the callee's, and the next leg goes on with it.
    this.#step({ type: 'ended' });
    this.#times.end();
    this.#prompt?.release();
    this.#report('ended', { outcome, media: heard.media, machine: heard.machine });
    this.#trace.ended(outcome);
    this.#summarize(outcome);
    this.#deps.onEnd(this);
  }

  #report(state: CallSnapshot['state'], end?: Omit<CallEnd, 'endedAt'>): void {
    const { createdDay, taskId, seq } = this.call.callee;
    const digits = this.#script.digits;
    const { invitedAt, ringingAt, answeredAt, endedAt } = this.#times;
    this.#deps.report({
      createdDay,
      taskId,
      seq,
      state,
      trunkId: this.#trunk?.trunkId ?? null,
      attempt: Math.max(1, this.#attempt),
      displayNum: this.#displayNum,
      invitedAt,
      ringingAt,
      answeredAt,
      feedbackValue: feedbackValueOf(this.#script),
      digits: digits === '' ? null : digits,
      textsAnswer: this.call.textsAnswer,
      end: end && endedAt ? { endedAt, ...end } : null,
    });
  }

  get #sipCallId(): string {
    return `${this.call.callee.taskId}-${this.call.callee.seq}-${this.#attempt}`;
  }

  #summarize(outcome: Outcome): void {
    const { taskId, seq, number } = this.call.callee;
    this.#deps.logger.info(
      {
        accountId: this.call.accountId,
        taskId,
        seq,
        sipCallId: this.#attempt > 0 ? this.#sipCallId : null,
        number: maskNumber(number),
        trunkId: this.#trunk?.trunkId ?? null,
        callStatus: outcome.callStatus,
        terminationCode: outcome.terminationCode,
        outcome: outcome.class,
        ...this.#times.latencies(),
      },
      'call ended',
    );
  }
}

function reasonOf({ sipStatus, terminationReason }: Outcome): string {
  const status = `SIP ${sipStatus}`;
  return sipStatus === null || terminationReason === status ? terminationReason : `${status} ${terminationReason}`;
}

function failedLeg(reason: string): LegEnd {
  const facts = { hasRung: false, isAnswered: false, sipStatus: null };
  return { cause: 'internal-error', reason, ...facts, ...nothingHeard, ...noFarEndWords };
}

/** A trunk is good when it did something with the call, also when that was to say that the callee is busy. */
function verdictOf(end: LegEnd, outcome: Outcome, beganAt: number): TrunkVerdict {
  if (outcome.mayTryNextTrunk) {
    const retryAfterS = end.sipStatus === 503 ? end.retryAfterS : null;
    const isSilent = end.cause === 'no-response' || end.cause === 'transport-error';
    return { type: 'bad', beganAt, reason: reasonOf(outcome), isSilent, retryAfterS };
  }
  if (end.cause === 'rejected' && outcome.class === 'trunk' && !end.hasRung) {
    return { type: 'refused', beganAt, reason: reasonOf(outcome) };
  }
  const isGood = end.hasRung || end.isAnswered || (end.cause === 'rejected' && outcome.class === 'callee');
  return { type: isGood ? 'good' : 'neutral', beganAt };
}
