import type { LegEnd } from '../call/engine.ts';
import type { Outcome } from '../call/outcome.ts';
import type { CallTrace } from '../call/trace.ts';
import type { CallTraces, OpenTrace, TracedCall } from '../domain/trace/call-traces.ts';
import type { Trunk } from '../domain/trunk/trunk.ts';

/** The trace of one callee's call over all its attempts, where a rule wants it; else nothing of it exists. */
export class SessionTrace {
  readonly #traces: Pick<CallTraces, 'begin'>;
  readonly #call: TracedCall;
  #trace: OpenTrace | null = null;

  constructor(traces: Pick<CallTraces, 'begin'>, call: TracedCall) {
    this.#traces = traces;
    this.#call = call;
  }

  /** An attempt begins; null: it is not traced. */
  attempt(trunk: Trunk, attempt: number, displayNum: string | null): CallTrace | null {
    this.#trace ??= this.#traces.begin(this.#call, trunk.trunkId);
    this.#trace?.note('trunk', `attempt ${attempt}: trunk ${trunk.trunkId} (${trunk.name}), ${shown(displayNum)}`);
    return this.#trace;
  }

  /** An attempt is over. */
  legEnded(end: LegEnd): void {
    this.#trace?.note('trunk', `the attempt ended: ${wordsOf(end)}`);
  }

  /** The call is over. One that never left is traced too, if a rule wants it whatever the trunk. */
  ended(outcome: Outcome): void {
    this.#trace ??= this.#traces.begin(this.#call, null);
    const { callStatus, terminationCode, terminationReason } = outcome;
    this.#trace?.note('call', `ended with status ${callStatus}, code ${terminationCode}: ${terminationReason}`);
    this.#trace?.end();
  }
}

function shown(displayNum: string | null): string {
  return displayNum === null ? 'without a caller id' : `shown as ${displayNum}`;
}

function wordsOf(end: LegEnd): string {
  const { cause, reason, sipStatus, q850Cause, retryAfterS } = end;
  const parts = [reason === '' ? cause : `${cause} (${reason})`];
  if (sipStatus !== null) parts.push(`SIP ${sipStatus}`);
  if (q850Cause !== null) parts.push(`Q.850 cause ${q850Cause}`);
  if (retryAfterS !== null) parts.push(`not to be asked again for ${retryAfterS} s`);
  return parts.join(', ');
}
