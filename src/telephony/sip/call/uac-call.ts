import { assert } from '../../../lib/errors.ts';
import { dialogOfResponse } from '../dialog/dialog.ts';
import type { InviteOptions, OutgoingCall, OutgoingCallEnd, OutgoingCallObserver } from '../endpoint-types.ts';
import { normalClearingLine, timerExpiryLine } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire, toWireBody } from '../message/wire-text.ts';
import type { ClientTransaction, ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { WheelTimer, type WheelTimerTarget } from '../transaction/timer-wheel.ts';
import { giveUpAfter } from '../transaction/timing.ts';
import { type CallContext, sessionDescriptionOf, type TagOwner } from './call-context.ts';
import { CallEnding } from './call-ending.ts';
import { DialogSession } from './dialog-session.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { type EarlyDialog, EarlyDialogs } from './early-dialogs.ts';
import { InviteRequest } from './invite-request.ts';
import { OfferAnswer } from './offer-answer.ts';
import { Redirection } from './redirection.ts';
import { refusingAnswer } from './refusing-answer.ts';
import { termsOfSuccess } from './session-terms.ts';
import { SuccessAcks } from './success-acks.ts';
import {
  stepUacCall,
  type UacCallAction,
  type UacCallEndAction,
  type UacCallInput,
  type UacCallState,
} from './uac-call-machine.ts';

/** An outgoing call: the shell of its machine, and the user of its INVITE transactions. */
export class UacCall implements OutgoingCall, ClientTransactionUser, TagOwner, DialogSessionOwner, WheelTimerTarget {
  readonly sipCallId: string;
  readonly #context: CallContext;
  #observer: OutgoingCallObserver;
  readonly #invite: InviteRequest;
  readonly #redirection: Redirection | null;
  /** Located, to be invited. */
  #target: InviteOptions | null = null;
  readonly #patience = new WheelTimer(this);
  #state: UacCallState = 'calling';
  /** Of the latest try. */
  #transaction: ClientTransaction | null = null;
  #hasTrying = false;
  /** Whether a provisional response above 100 came. */
  #hasRung = false;
  readonly #ending = new CallEnding();
  /** Set by the first 2xx, and kept for its repetitions. */
  #acceptedTag: string | null = null;
  readonly #acks: SuccessAcks;
  #session: DialogSession | null = null;
  #localDescription: string;
  /** Until the answer. */
  #early: EarlyDialogs | null = null;
  /** The session as the far side described it in its answer, or before. Wire text. */
  #remoteDescription: string | null = null;

  constructor(context: CallContext, options: InviteOptions, observer: OutgoingCallObserver) {
    this.sipCallId = options.sipCallId;
    this.#context = context;
    this.#observer = observer;
    this.#invite = new InviteRequest(context, options);
    this.#redirection = options.redirection === undefined ? null : new Redirection(options);
    this.#acks = new SuccessAcks(context, this.#invite);
    this.#localDescription = options.offer === null ? '' : toWireBody(options.offer);
  }

  start(): void {
    this.#context.ownTag(this.#invite.localTag, this);
    this.#sendInvite();
  }

  get localDescription(): string {
    return this.#localDescription;
  }

  hangUp(): void {
    this.#feed('hang-up', null);
  }

  sendInfoDigit(digit: string, durationMs: number): void {
    if (this.#state === 'answered') this.#session?.sendInfoDigit(digit, durationMs);
  }

  onResponse(response: SipMessage, transaction: ClientTransaction): void {
    // The answer to an INVITE that was repeated with credentials since; its transaction lingers.
    if (transaction !== this.#transaction) return;
    const { status } = response;
    const isHopDown = this.#invite.trail.isFailedBy(response);
    if (status < 200) {
      this.#feed('provisional', response);
      return;
    }
    if (status < 300) {
      if (this.#acceptedTag === null) {
        this.#feed('success', response);
        return;
      }
      const isSame = (response.toTag ?? '') === this.#acceptedTag;
      this.#feed(isSame ? 'success-again' : 'success-fork', response);
      return;
    }
    this.#ending.responded(response);
    if (isHopDown && this.#mayFailOver('refusal')) this.#feed('next-hop', null);
    else if (this.#invite.takesChallenge(response)) this.#feed('challenge', response);
    else this.#feed(this.#mayRedirect && this.#redirection?.takes(response) ? 'redirect' : 'refusal', response);
  }

  onTimeout(transaction: ClientTransaction): void {
    if (transaction !== this.#transaction) return;
    this.#invite.trail.failed();
    this.#failed('timeout');
  }

  onTransportError(error: Error, transaction: ClientTransaction): void {
    if (transaction !== this.#transaction) return;
    this.#invite.trail.failed();
    this.#ending.notSent(error);
    this.#failed('transport-error');
  }

  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    if (this.#session !== null) {
      this.#session.onRequest(request, transaction);
      return;
    }
    if (this.#early !== null) this.#early.onRequest(request, transaction);
    else transaction.refuse(481, 'Call/Transaction Does Not Exist', null, this.#context.lines.agent);
  }

  onAck(ack: SipMessage): void {
    this.#session?.onAck(ack);
  }

  dropped(): void {
    this.#feed('close', null);
  }

  remoteBye(bye: SipMessage): void {
    this.#ending.remoteBye(bye);
    this.#feed('remote-bye', null);
  }

  lost(reason: string): void {
    if (this.#state === 'answered') this.#ending.lost(reason);
    this.#feed('hang-up', null);
  }

  digit(digit: string): void {
    this.#observer({ type: 'info-digit', digit });
  }

  reoffer(sdp: string, answer: (sdp: string | null) => void): void {
    this.#observer({
      type: 'offer',
      sdp,
      answer: (own) => {
        if (own === null) return answer(null);
        this.#localDescription = toWireBody(own);
        answer(this.#localDescription);
      },
    });
  }

  reanswer(sdp: string): void {
    this.#observer({ type: 'reanswer', sdp });
  }

  timerFired(): void {
    this.#feed('patience-over', null);
  }

  /**
   * RFC 3263 section 4.3, held to what cannot make a phone ring twice: nothing came back from the hop, or nothing but a 100 and then a 503.
   * Behind a ringing phone, or a connection that broke after a 100, there is a callee who may have been reached.
   */
  #mayFailOver(failure: 'refusal' | 'timeout' | 'transport-error'): boolean {
    if (this.#hasRung || !this.#invite.trail.hasNext) return false;
    return this.#state === 'calling' || (this.#state === 'proceeding' && failure === 'refusal');
  }

  /** A second address of a callee whose phone has rung would ring another one. */
  get #mayRedirect(): boolean {
    return !this.#hasRung && (this.#state === 'calling' || this.#state === 'proceeding');
  }

  /** The hop is silent, or cannot be reached: another hop of the same target, else another target, as far as nobody can have been reached. */
  #failed(failure: 'timeout' | 'transport-error'): void {
    if (this.#mayFailOver(failure)) this.#feed('next-hop', null);
    else if (this.#state === 'calling' && this.#redirection?.hasNext) this.#feed('redirect', null);
    else this.#feed(failure, null);
  }

  #feed(input: UacCallInput, response: SipMessage | null): void {
    const wasAnswered = this.#acceptedTag !== null;
    if (input === 'hang-up' && this.#state !== 'ended' && !wasAnswered) this.#ending.cancelled();
    const step = stepUacCall(this.#state, input);
    this.#state = step.state;
    for (const action of step.actions) this.#run(action, response);
  }

  #run(action: UacCallAction, response: SipMessage | null): void {
    const { layer } = this.#context;
    switch (action) {
      case 'report-provisional':
        this.#reportProvisional(response);
        return;
      case 'invite-again':
        this.#sendInvite();
        return;
      case 'invite-next-hop':
        this.#inviteNextHop();
        return;
      case 'locate-target':
        void this.#locateTarget();
        return;
      case 'invite-target':
        this.#inviteTarget();
        return;
      case 'send-cancel':
        this.#invite.cancel();
        return;
      case 'start-patience':
        layer.wheel.start(this.#patience, giveUpAfter(layer.timing));
        return;
      case 'stop-patience':
        layer.wheel.stop(this.#patience);
        return;
      case 'accept':
        this.#accept(response);
        return;
      case 'report-answered':
        assert(response !== null, 'an answer without a response');
        this.#observer({ type: 'answered', status: response.status, sdp: textOf(this.#remoteDescription) });
        return;
      case 'ack-again':
        this.#acks.again();
        return;
      case 'drop-fork':
        assert(response !== null, 'no fork to drop');
        this.#acks.drop(response);
        return;
      case 'send-bye':
        this.#sendBye();
        return;
      case 'abandon-invite':
        this.#transaction?.abandon();
        return;
      default:
        this.#end(endCauses[action]);
        return;
    }
  }

  #sendInvite(): void {
    this.#hasTrying = false;
    this.#early = null;
    this.#transaction = this.#invite.send(this, this.#localDescription);
  }

  #inviteNextHop(): void {
    this.#hasTrying = false;
    this.#ending.forget();
    this.#transaction = this.#invite.sendToNextHop(this, this.#localDescription);
  }

  /** Never rejects. */
  async #locateTarget(): Promise<void> {
    this.#target = (await this.#redirection?.next()) ?? null;
    this.#feed(this.#target === null ? 'nowhere' : 'located', null);
  }

  #inviteTarget(): void {
    assert(this.#target !== null, 'no target was located');
    this.#invite.redirect(this.#target);
    this.#target = null;
    this.#sendInvite();
  }

  #reportProvisional(response: SipMessage | null): void {
    assert(response !== null, 'a provisional event without a response');
    if (response.status === 100) {
      if (!this.#hasTrying) this.#observer({ type: 'trying' });
      this.#hasTrying = true;
      return;
    }
    this.#hasRung = true;
    this.#early ??= new EarlyDialogs(this.#context, this.#invite, this);
    if (!this.#early.take(response)) return;
    const { status } = response;
    const sdp = textOf(sessionDescriptionOf(response));
    this.#observer({ type: 'provisional', status, reason: fromWire(response.reason), sdp });
  }

  /** Section 13.2.2.4: the dialog, and its ACK. What its fork said before counts on; the other forks are forgotten. */
  #accept(response: SipMessage | null): void {
    assert(response !== null, 'nothing to accept');
    const { digest, dialogParts, hop, isLate } = this.#invite;
    // A copy: a piece of the response's text would keep all of it.
    this.#acceptedTag = Buffer.from(response.toTag ?? '', 'latin1').toString('latin1');
    if (this.#state !== 'ended') this.#ending.responded(response);
    const dialog = dialogOfResponse(response, dialogParts, hop);
    const early = this.#early?.get(this.#acceptedTag) ?? null;
    this.#early = null;
    if (early !== null) dialog.continueAfter(early.remoteSequence);
    const sdp = sessionDescriptionOf(response);
    const isOffer = isLate && sdp !== null && (early === null || early.offerAnswer.state === 'undescribed');
    const offerAnswer = new OfferAnswer(isOffer ? 'answering' : 'agreed');
    this.#session = new DialogSession({
      context: this.#context,
      dialog,
      digest,
      owner: this,
      offerAnswer,
      isCaller: true,
    });
    if (this.#state === 'answered') this.#session.agreeTimer(termsOfSuccess(response), response);
    if (!isOffer) {
      this.#remoteDescription = describedLast(early, isLate ? null : sdp);
      this.#acks.acknowledge(dialog, null);
      return;
    }
    this.#remoteDescription = sdp;
    if (this.#state !== 'answered') {
      this.#acks.acknowledge(dialog, refusingAnswer(sdp));
      return;
    }
    this.reoffer(fromWire(sdp), (own) => {
      offerAnswer.feed('own-answer');
      this.#acks.acknowledge(dialog, own ?? refusingAnswer(sdp));
    });
  }

  #sendBye(): void {
    const session = this.#session;
    if (session === null) return;
    // Where the offer in the 2xx was not answered yet, it never will be: no BYE before the ACK.
    if (!this.#acks.hasAcknowledged) {
      this.#acks.acknowledge(session.dialog, refusingAnswer(this.#remoteDescription ?? ''));
    }
    const line = this.#ending.isLost ? timerExpiryLine : normalClearingLine;
    session.bye(line, () => this.#feed('bye-done', null));
  }

  #end(cause: OutgoingCallEnd['cause']): void {
    this.#context.disownTag(this.#invite.localTag);
    // The INVITE's transaction holds on to this call for another 32 s, for repeated 2xx; what they don't need is let go.
    this.#session?.close();
    this.#session = null;
    this.#early = null;
    this.#localDescription = '';
    this.#remoteDescription = null;
    this.#invite.release();
    const observer = this.#observer;
    this.#observer = () => undefined;
    observer({ type: 'ended', end: this.#ending.of(cause) });
  }
}

const endCauses: Readonly<Record<UacCallEndAction, OutgoingCallEnd['cause']>> = {
  'end-rejected': 'rejected',
  'end-timeout': 'timeout',
  'end-transport-error': 'transport-error',
  'end-remote-bye': 'remote-bye',
  'end-local-bye': 'local-bye',
  'end-closed': 'closed',
};

function textOf(wire: string | null): string | null {
  return wire === null ? null : fromWire(wire);
}

/**
 * Which description of a fork holds once it has answered. Deviation: RFC 3261 section 13.2.1 lets the first one count and ignores the 2xx's; there
 * are gateways that move the media with the answer, so the 2xx's counts unless an UPDATE came between, which the 2xx then knows nothing of.
 */
function describedLast(early: EarlyDialog | null, inSuccess: string | null): string | null {
  if (early === null) return inSuccess;
  return early.isRevised ? early.description : (inSuccess ?? early.description);
}
