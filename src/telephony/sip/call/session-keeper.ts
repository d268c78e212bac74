import { assertNever } from '../../../lib/errors.ts';
import type { Dialog } from '../dialog/dialog.ts';
import { endsDialog } from '../dialog/ends-dialog.ts';
import type { DigestClient } from '../digest/digest-client.ts';
import { readRetryAfter } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire } from '../message/wire-text.ts';
import { WheelTimer, type WheelTimerTarget } from '../transaction/timer-wheel.ts';
import { type CallContext, sessionDescriptionOf } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import type { OfferAnswer } from './offer-answer.ts';
import { ReinviteRequest } from './reinvite-request.ts';
import { longerInterval, minIntervalS, type SessionTerms, sessionTimerLines, termsOfSuccess } from './session-terms.ts';
import {
  type SessionTimerAction,
  type SessionTimerInput,
  type SessionTimerState,
  stepSessionTimer,
} from './session-timer-machine.ts';

export type SessionKeeperOptions = {
  readonly context: CallContext;
  readonly dialog: Dialog;
  readonly digest: DigestClient | null;
  readonly owner: DialogSessionOwner;
  readonly offerAnswer: OfferAnswer;
  /** Whether we began the call, so that its Call-ID is ours (RFC 3261 section 14.1). */
  readonly isCaller: boolean;
  /** Whether no INVITE of theirs is under way (section 14.1). */
  readonly mayInvite: () => boolean;
};

/** A refresh that was refused without a word about when to come again is sent again after this long. */
const retryMs = 10_000;

/** As often as this a refresh may be told that its interval is too short. */
const maxRaises = 3;

/** Keeps a session alive, or sees to it that the far side does: the shell of the session timer's machine. */
export class SessionKeeper implements WheelTimerTarget {
  readonly #options: SessionKeeperOptions;
  #state: SessionTimerState = 'off';
  #terms: SessionTerms | null = null;
  #minSeS = minIntervalS;
  #raises = 0;
  #retryMs = retryMs;
  #isUpdateAllowed = false;
  readonly #refreshTimer = new WheelTimer(this);
  readonly #expiryTimer = new WheelTimer(this);

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
  }

  /** What is agreed on now. */
  get terms(): SessionTerms | null {
    return this.#terms;
  }

  /**
   * A 2xx of either side agreed anew; null: there is no session timer from here on. `message`: theirs, whose Allow tells whether an UPDATE would be
   * taken (RFC 3311 section 4).
   */
  agree(terms: SessionTerms | null, message: SipMessage): void {
    this.#terms = terms;
    this.#raises = 0;
    if (message.header('allow') !== null) this.#isUpdateAllowed = message.hasToken('allow', 'update');
    if (terms === null) this.#feed('declined');
    else this.#feed(terms.isOurs ? 'agreed-ours' : 'agreed-theirs');
  }

  /** The call is over. */
  stop(): void {
    this.#feed('stop');
  }

  timerFired(timer: WheelTimer): void {
    this.#feed(timer === this.#refreshTimer ? 'refresh-due' : 'expiry-due');
  }

  #feed(input: SessionTimerInput): void {
    const step = stepSessionTimer(this.#state, input);
    this.#state = step.state;
    for (const action of step.actions) this.#run(action);
  }

  #run(action: SessionTimerAction): void {
    const { wheel } = this.#options.context.layer;
    const intervalMs = (this.#terms?.intervalS ?? 0) * 1000;
    switch (action) {
      case 'start-refresh-timer':
        wheel.start(this.#refreshTimer, intervalMs / 2);
        return;
      case 'start-retry-timer':
        wheel.start(this.#refreshTimer, this.#retryMs);
        return;
      case 'start-expiry-timer':
        wheel.start(this.#expiryTimer, intervalMs - Math.min(32_000, intervalMs / 3));
        return;
      case 'stop-refresh-timer':
        wheel.stop(this.#refreshTimer);
        return;
      case 'stop-timers':
        wheel.stop(this.#refreshTimer);
        wheel.stop(this.#expiryTimer);
        return;
      case 'send-refresh':
        this.#refresh();
        return;
      case 'report-expired':
        this.#options.owner.lost('the session was not refreshed in time');
        return;
      default:
        assertNever(action);
        return;
    }
  }

  /** By UPDATE, which changes nothing but the timer; else by a re-INVITE that repeats our description (RFC 4028 section 7.4). */
  #refresh(): void {
    const { context, dialog, digest, owner, offerAnswer, mayInvite } = this.#options;
    const { allow, supported } = context.lines;
    const timer = sessionTimerLines(this.#terms?.intervalS ?? minIntervalS, this.#minSeS, 'uac');
    const lines = `${context.contactFor(dialog.routing.hop)}${timer}${allow}${supported}`;
    if (this.#isUpdateAllowed) {
      const done = (response: SipMessage | null): void => this.#onRefreshed(response, 'UPDATE');
      new DialogRequest({ context, dialog, digest, method: 'UPDATE', lines, done });
      return;
    }
    if (!mayInvite() || offerAnswer.feed('own-offer') !== 'proceed') {
      this.#retryLater(null);
      return;
    }
    const done = (response: SipMessage | null): void => {
      const answer = response !== null && response.status < 300 ? sessionDescriptionOf(response) : null;
      const isAnswered = offerAnswer.feed(answer === null ? 'failed' : 'their-answer') === 'proceed';
      if (isAnswered && answer !== null && this.#state !== 'over') owner.reanswer(fromWire(answer));
      this.#onRefreshed(response, 'INVITE');
    };
    new ReinviteRequest({ context, dialog, digest, lines, offer: owner.localDescription, done });
  }

  #onRefreshed(response: SipMessage | null, method: 'UPDATE' | 'INVITE'): void {
    if (this.#state === 'over') return;
    if (response === null || endsDialog(response.status)) {
      const what = response === null ? 'no answer' : `SIP ${response.status}`;
      this.#options.owner.lost(`${what} to the session refresh`);
      return;
    }
    if (response.status < 300) {
      if (method === 'UPDATE') this.#options.dialog.refreshTarget(response);
      this.agree(termsOfSuccess(response), response);
      return;
    }
    if (this.#raise(response)) {
      this.#refresh();
      return;
    }
    if (method === 'UPDATE' && isMethodRefused(response.status)) {
      this.#isUpdateAllowed = false;
      this.#refresh();
      return;
    }
    this.#retryLater(response);
  }

  /** RFC 4028 section 7.3: a 422 names the interval that would do. */
  #raise(response: SipMessage): boolean {
    const wantedS = longerInterval(response, this.#minSeS);
    if (wantedS === null || this.#terms === null || ++this.#raises > maxRaises) return false;
    this.#minSeS = wantedS;
    this.#terms = { ...this.#terms, intervalS: Math.max(this.#terms.intervalS, wantedS) };
    return true;
  }

  /** The session goes on until its time is up. null: it was not the time for an INVITE of ours. */
  #retryLater(response: SipMessage | null): void {
    const afterS = response === null ? null : readRetryAfter(response);
    if (response === null || response.status === 491) this.#retryMs = this.#glareMs();
    else this.#retryMs = afterS === null ? retryMs : Math.max(1, afterS) * 1000;
    this.#feed('refused');
  }

  /** RFC 3261 section 14.1: whose Call-ID it is waits longer, so that the two don't meet again. In steps of 10 ms. */
  #glareMs(): number {
    const { context, isCaller } = this.#options;
    const part = Math.floor(context.random.float() * 191) * 10;
    return isCaller ? 2_100 + part : Math.min(part, 2_000);
  }
}

/** The far side does not take this kind of request, whatever its Allow said. */
function isMethodRefused(status: number): boolean {
  return status === 405 || status === 415 || status === 420 || status === 501;
}
