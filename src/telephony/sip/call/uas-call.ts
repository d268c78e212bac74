import { assertNever } from '../../../lib/errors.ts';
import { dialogOfRequest } from '../dialog/dialog.ts';
import type { Hop, IncomingCall, IncomingCallEvent } from '../endpoint-types.ts';
import { normalClearingLine, timerExpiryLine } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { fromWire, toWireBody, toWireValue } from '../message/wire-text.ts';
import type { ServerTransaction, ServerTransactionUser } from '../transaction/server-transaction.ts';
import { type CallContext, sessionDescriptionOf, type TagOwner } from './call-context.ts';
import { DialogSession } from './dialog-session.ts';
import type { DialogSessionOwner } from './dialog-session-owner.ts';
import { OfferAnswer } from './offer-answer.ts';
import { replyToSession } from './session-terms.ts';
import { SuccessRepeater } from './success-repeater.ts';
import { stepUasCall, type UasCallAction, type UasCallInput, type UasCallState } from './uas-call-machine.ts';

type Rejection = { readonly status: number; readonly reason: string; readonly lines: string };

/** An incoming call: the shell of its machine, and the user of its INVITE transaction. */
export class UasCall implements IncomingCall, ServerTransactionUser, TagOwner, DialogSessionOwner {
  readonly sipCallId: string;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  readonly remote: Hop;
  readonly offer: string | null;
  readonly localTag: string;
  readonly #context: CallContext;
  readonly #request: SipMessage;
  readonly #transaction: ServerTransaction;
  readonly #session: DialogSession;
  #observer: ((event: IncomingCallEvent) => void) | null = null;
  #state: UasCallState = 'offered';
  #rejection: Rejection = { status: 603, reason: 'Decline', lines: '' };
  #localDescription = '';
  /** The caller's latest offer: a session refresh repeats it. */
  #remoteDescription: string | null;
  readonly #offerAnswer: OfferAnswer;
  #isLost = false;
  #repeater: SuccessRepeater | null = null;

  constructor(context: CallContext, request: SipMessage, transaction: ServerTransaction) {
    this.#context = context;
    this.#request = request;
    this.#transaction = transaction;
    this.localTag = context.newTag();
    this.sipCallId = fromWire(request.callId);
    this.requestUri = fromWire(request.uri);
    this.from = fromWire(request.header('from') ?? '');
    this.to = fromWire(request.header('to') ?? '');
    this.remote = transaction.remote;
    const offer = sessionDescriptionOf(request);
    this.offer = offer === null ? null : fromWire(offer);
    this.#remoteDescription = this.offer;
    this.#offerAnswer = new OfferAnswer(this.offer === null ? 'undescribed' : 'answering');
    const dialog = dialogOfRequest(request, this.localTag, this.remote);
    this.#session = new DialogSession({
      context,
      dialog,
      digest: null,
      owner: this,
      offerAnswer: this.#offerAnswer,
      isCaller: false,
    });
  }

  /** Says 100 to the caller, and listens for what comes in the early dialog. */
  start(): void {
    this.#transaction.attach(this);
    this.#context.ownTag(this.localTag, this);
    this.#transaction.refuse(100, 'Trying', null);
  }

  get localDescription(): string {
    return this.#localDescription;
  }

  header(name: string): string | null {
    const value = this.#request.header(name);
    return value === null ? null : fromWire(value);
  }

  observe(observer: (event: IncomingCallEvent) => void): void {
    this.#observer = observer;
  }

  provisional(status: number, reason: string, sdp?: string): void {
    if (this.#state !== 'offered' || status < 101 || status > 199) return;
    // RFC 3262 section 3: it must be sent reliably or not at all, and we have no reliable ones of our own.
    if (this.#request.hasToken('require', '100rel')) return;
    this.#respond(status, reason, sdp === undefined ? null : toWireBody(sdp));
  }

  answer(sdp: string): void {
    if (this.#state === 'offered') this.#localDescription = toWireBody(sdp);
    this.#feed('answer');
  }

  reject(status: number, reason: string, headers: readonly (readonly [string, string])[] = []): void {
    if (this.#state !== 'offered' || status < 300 || status > 699) return;
    let lines = '';
    for (const [name, value] of headers) lines += `${toWireValue(name)}: ${toWireValue(value)}\r\n`;
    this.#rejection = { status, reason: toWireValue(reason), lines };
    this.#feed('reject');
  }

  hangUp(): void {
    this.#feed('hang-up');
  }

  sendInfoDigit(digit: string, durationMs: number): void {
    if (this.#state === 'confirmed' || this.#state === 'accepted') this.#session.sendInfoDigit(digit, durationMs);
  }

  onRequest(request: SipMessage, transaction: ServerTransaction): void {
    if (this.#state === 'offered' && (request.method === 'INVITE' || request.method === 'UPDATE')) {
      // RFC 3311 section 5.2: the caller's offer is not answered yet.
      transaction.refuse(500, 'Server Internal Error', null, 'Retry-After: 2\r\n');
      return;
    }
    this.#session.onRequest(request, transaction);
  }

  onAck(ack: SipMessage): void {
    if (!this.#session.matches(ack)) return;
    if (ack.cseq?.number !== this.#request.cseq?.number) {
      this.#session.onAck(ack);
      return;
    }
    const answer = sessionDescriptionOf(ack);
    if (answer !== null && this.#offerAnswer.feed('their-answer') === 'proceed')
      this.#remoteDescription = fromWire(answer);
    this.#feed('ack');
  }

  /** Timer H: the caller knows of the refusal or not; there is nothing more to do. */
  onNoAck(): void {
    this.#context.logger.debug({ sipCallId: this.sipCallId }, 'refusal was never acknowledged');
  }

  onCancel(): void {
    this.#feed('cancel');
  }

  dropped(): void {
    this.#feed('close');
  }

  remoteBye(): void {
    this.#feed('remote-bye');
  }

  lost(): void {
    this.#isLost = true;
    this.#feed('hang-up');
  }

  digit(digit: string): void {
    this.#emit({ type: 'info-digit', digit });
  }

  /** A session refresh (the offer that we know) is answered with what we sent; a changed offer is refused: there is no event for it. */
  reoffer(sdp: string, answer: (sdp: string | null) => void): void {
    answer(sdp === this.#remoteDescription ? this.#localDescription : null);
  }

  /** A refresh that they asked of us: they repeat the description that is known. */
  reanswer(): void {
    // Nobody above asked for it.
  }

  #emit(event: IncomingCallEvent): void {
    this.#observer?.(event);
  }

  #feed(input: UasCallInput): void {
    const step = stepUasCall(this.#state, input);
    this.#state = step.state;
    for (const action of step.actions) this.#run(action);
  }

  #run(action: UasCallAction): void {
    switch (action) {
      case 'send-answer':
        this.#sendAnswer();
        return;
      case 'send-rejection': {
        const { status, reason, lines } = this.#rejection;
        this.#transaction.refuse(status, reason, this.localTag, `${lines}${this.#context.lines.agent}`);
        return;
      }
      case 'send-terminated':
        this.#transaction.refuse(487, 'Request Terminated', this.localTag, this.#context.lines.agent);
        return;
      case 'stop-repeating':
        this.#repeater?.stop();
        this.#repeater = null;
        return;
      case 'send-bye':
        this.#session.bye(this.#isLost ? timerExpiryLine : normalClearingLine, () => this.#feed('bye-done'));
        return;
      case 'report-cancelled':
        this.#emit({ type: 'cancelled' });
        return;
      case 'report-acknowledged':
        this.#emit({ type: 'acknowledged', sdp: this.offer === null ? this.#remoteDescription : null });
        return;
      case 'end-remote-bye':
        this.#end({ type: 'ended', cause: 'remote-bye' });
        return;
      case 'end-local-bye':
        this.#end({ type: 'ended', cause: 'local-bye' });
        return;
      case 'end-no-ack':
        this.#end({ type: 'ended', cause: 'no-ack' });
        return;
      case 'end-closed':
        this.#end({ type: 'ended', cause: 'closed' });
        return;
      case 'end-silently':
        this.#end(null);
        return;
      default:
        assertNever(action);
        return;
    }
  }

  #sendAnswer(): void {
    this.#offerAnswer.feed(this.offer === null ? 'own-offer' : 'own-answer');
    const reply = replyToSession(this.#request, null);
    const success = this.#respond(200, 'OK', this.#localDescription, reply.lines);
    this.#session.agreeTimer(reply.terms, this.#request);
    const { layer } = this.#context;
    this.#repeater = new SuccessRepeater(layer, this.#transaction, success, () => this.#feed('no-ack'));
  }

  /** A response that makes the dialog (RFC 3261 section 12.1.1). */
  #respond(status: number, reason: string, body: string | null, more = ''): Buffer {
    const { allow, agent } = this.#context.lines;
    const contact = this.#context.contactFor(this.#transaction.remote);
    let routes = '';
    for (const line of this.#request.lines('record-route')) routes += `Record-Route: ${line}\r\n`;
    return this.#transaction.respond({
      status,
      reason: toWireValue(reason),
      toTag: this.localTag,
      lines: `${routes}${contact}${allow}${more}${agent}`,
      contentType: body === null ? null : 'application/sdp',
      body: body ?? '',
    });
  }

  #end(event: IncomingCallEvent | null): void {
    this.#context.disownTag(this.localTag);
    this.#session.close();
    if (event !== null) this.#emit(event);
  }
}
