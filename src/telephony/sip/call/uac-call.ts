import { assert } from '../../../lib/errors.ts';
import { dialogOfResponse } from '../dialog/dialog.ts';
import type { Hop, InviteOptions, OutgoingCall, OutgoingCallEnd, OutgoingCallObserver } from '../endpoint-types.ts';
import { noEndCause, normalClearingLine, readEndCause, readRetryAfter } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire, toWireBody } from '../message/wire-text.ts';
import type { ClientTransaction, ClientTransactionUser } from '../transaction/client-transaction.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { WheelTimer, type WheelTimerTarget } from '../transaction/timer-wheel.ts';
import { giveUpAfter } from '../transaction/timing.ts';
import { type CallContext, sessionDescriptionOf, type TagOwner } from './call-context.ts';
import { DialogRequest } from './dialog-request.ts';
import { DialogSession } from './dialog-session.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { ForkDropper } from './fork-dropper.ts';
import { InviteRequest } from './invite-request.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
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
  readonly #patience = new WheelTimer(this);
  #state: UacCallState = 'calling';
  /** Of the latest try. */
  #transaction: ClientTransaction | null = null;
  #hasTrying = false;
  /** Whether a provisional response above 100 came. */
  #hasRung = false;
  #isCancelled = false;
  #status: number | null = null;
  #reason = '';
  #endCause = noEndCause;
  #retryAfterS: number | null = null;
  /** Set by the first 2xx, and kept for its repetitions. */
  #acceptedTag: string | null = null;
  /** As text: a small buffer would hold on to the 8 KB block that it shares with others. */
  #ack: string | null = null;
  #ackHop: Hop;
  #session: DialogSession | null = null;
  #localDescription: string;
  #forks: ForkDropper | null = null;
  #reliable: ReliableProvisionals | null = null;

  constructor(context: CallContext, options: InviteOptions, observer: OutgoingCallObserver) {
    this.sipCallId = options.sipCallId;
    this.#context = context;
    this.#observer = observer;
    this.#invite = new InviteRequest(context, options);
    this.#ackHop = this.#invite.hop;
    this.#localDescription = toWireBody(options.offer);
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
    this.#status = status;
    this.#reason = fromWire(response.reason);
    this.#endCause = readEndCause(response);
    this.#retryAfterS = readRetryAfter(response);
    if (isHopDown && this.#mayFailOver('refusal')) this.#feed('next-hop', null);
    else this.#feed(this.#invite.takesChallenge(response) ? 'challenge' : 'refusal', response);
  }

  onTimeout(transaction: ClientTransaction): void {
    if (transaction !== this.#transaction) return;
    this.#invite.trail.failed();
    this.#feed(this.#mayFailOver('timeout') ? 'next-hop' : 'timeout', null);
  }

  onTransportError(error: Error, transaction: ClientTransaction): void {
    if (transaction !== this.#transaction) return;
    this.#invite.trail.failed();
    this.#reason = error.message;
    this.#feed(this.#mayFailOver('transport-error') ? 'next-hop' : 'transport-error', null);
  }

  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    if (this.#session !== null) {
      this.#session.onRequest(request, transaction);
      return;
    }
    // Section 12.2.2 for a call that isn't answered. RFC 3311 section 5.2: our offer in the INVITE is still open.
    if (request.method === 'UPDATE') {
      transaction.refuse(491, 'Request Pending', null);
      return;
    }
    transaction.refuse(481, 'Call/Transaction Does Not Exist', null);
  }

  onAck(ack: SipMessage): void {
    this.#session?.onAck(ack);
  }

  dropped(): void {
    this.#feed('close', null);
  }

  remoteBye(bye: SipMessage): void {
    this.#endCause = readEndCause(bye);
    this.#feed('remote-bye', null);
  }

  lost(): void {
    this.#feed('hang-up', null);
  }

  digit(digit: string): void {
    this.#observer({ type: 'info-digit', digit });
  }

  reoffer(sdp: string, answer: (sdp: string | null) => void): void {
    this.#observer({
      type: 'reoffer',
      sdp,
      answer: (own) => {
        if (own === null) return answer(null);
        this.#localDescription = toWireBody(own);
        answer(this.#localDescription);
      },
    });
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

  #feed(input: UacCallInput, response: SipMessage | null): void {
    const wasAnswered = this.#acceptedTag !== null;
    if (input === 'hang-up' && this.#state !== 'ended' && !wasAnswered) this.#isCancelled = true;
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
        this.#observer({ type: 'answered', status: response.status, sdp: sdpOf(response) });
        return;
      case 'ack-again':
        this.#sendAck();
        return;
      case 'drop-fork':
        this.#dropFork(response);
        return;
      case 'send-bye':
        this.#session?.bye(() => this.#feed('bye-done', null));
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
    this.#transaction = this.#invite.send(this, this.#localDescription);
  }

  #inviteNextHop(): void {
    this.#hasTrying = false;
    // The refusal of a hop that was left is nobody's business.
    this.#status = null;
    this.#retryAfterS = null;
    this.#endCause = noEndCause;
    this.#transaction = this.#invite.sendToNextHop(this, this.#localDescription);
  }

  #reportProvisional(response: SipMessage | null): void {
    assert(response !== null, 'a provisional event without a response');
    if (response.status === 100) {
      if (!this.#hasTrying) this.#observer({ type: 'trying' });
      this.#hasTrying = true;
      return;
    }
    this.#hasRung = true;
    if (response.header('rseq') !== null && response.hasToken('require', '100rel')) {
      this.#reliable ??= new ReliableProvisionals(this.#context, this.#invite);
      if (!this.#reliable.acknowledge(response)) return;
    }
    const { status } = response;
    this.#observer({ type: 'provisional', status, reason: fromWire(response.reason), sdp: sdpOf(response) });
  }

  /** Section 13.2.2.4: the dialog, and its ACK. */
  #accept(response: SipMessage | null): void {
    assert(response !== null, 'nothing to accept');
    // A copy: a piece of the response's text would keep all of it.
    this.#acceptedTag = Buffer.from(response.toTag ?? '', 'latin1').toString('latin1');
    if (this.#state !== 'ended') {
      this.#status = response.status;
      this.#reason = fromWire(response.reason);
    }
    const dialog = dialogOfResponse(response, this.#invite.dialogParts, this.#invite.hop);
    this.#session = new DialogSession({ context: this.#context, dialog, digest: this.#invite.digest, owner: this });
    this.#ack = this.#invite.writeAck(dialog).toString('latin1');
    this.#ackHop = dialog.routing.hop;
    this.#sendAck();
  }

  #sendAck(): void {
    if (this.#ack === null) return;
    this.#context.layer.sendAck(Buffer.from(this.#ack, 'latin1'), this.#ackHop);
  }

  #dropFork(response: SipMessage | null): void {
    assert(response !== null, 'no fork to drop');
    const { digest, dialogParts, hop } = this.#invite;
    this.#forks ??= new ForkDropper(this.#context.layer);
    this.#forks.drop(response.toTag ?? '', () => {
      const dialog = dialogOfResponse(response, dialogParts, hop);
      return {
        ack: this.#invite.writeAck(dialog),
        hop: dialog.routing.hop,
        hangUp: () => {
          new DialogRequest({
            context: this.#context,
            dialog,
            digest,
            method: 'BYE',
            lines: normalClearingLine,
            done: null,
          });
        },
      };
    });
  }

  #end(cause: OutgoingCallEnd['cause']): void {
    this.#context.disownTag(this.#invite.localTag);
    // The INVITE's transaction holds on to this call for another 32 s, for repeated 2xx; what they don't need is let go.
    this.#session?.close();
    this.#session = null;
    this.#localDescription = '';
    this.#invite.release();
    const isUnanswered = cause === 'timeout' || cause === 'transport-error';
    const status = isUnanswered ? null : this.#status;
    const reason = cause === 'timeout' ? 'no final response' : this.#reason;
    const observer = this.#observer;
    this.#observer = () => undefined;
    const { q850Cause, reason: causeText } = this.#endCause;
    observer({
      type: 'ended',
      end: {
        cause,
        status,
        reason,
        q850Cause,
        causeText: causeText === null ? null : fromWire(causeText),
        retryAfterS: this.#retryAfterS,
        isCancelled: this.#isCancelled,
      },
    });
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

function sdpOf(response: SipMessage): string | null {
  const sdp = sessionDescriptionOf(response);
  return sdp === null ? null : fromWire(sdp);
}
