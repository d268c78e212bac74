import type { Timer } from '../../lib/clock.ts';
import { assertNever, messageOf } from '../../lib/errors.ts';
import {
  type LateSmsResult,
  type OutgoingSms,
  refusedForNow,
  type SmsReceipt,
  type SmsSendResult,
  type SmsTransport,
  type SmsTransportHost,
  type SmsTransportState,
} from '../sms-transport.ts';
import { commandStatus, type RefusalKind, statusCode, statusWords } from './command-status.ts';
import { readReceipt } from './delivery-receipt.ts';
import { EarlyReceipts } from './early-receipts.ts';
import { isUsable } from './link-machine.ts';
import { prepareMessage } from './outgoing-message.ts';
import { PartReferences } from './part-references.ts';
import type { BindCommand, SubmitFields } from './pdu.ts';
import { idFromAnswer } from './provider-id.ts';
import { SendPace } from './send-pace.ts';
import { type Delivered, SmppLink } from './smpp-link.ts';
import type { SmppSettings } from './smpp-settings.ts';
import { type OpenSmppStream, openSmppStream } from './smpp-stream.ts';
import type { SubmitAnswer, SubmitResult } from './unanswered-requests.ts';
import { UnclaimedReceipts } from './unclaimed-receipts.ts';

/** How often a part is sent again that the carrier did not take for now: of a message of which it has nothing yet, and of one that it has begun to take. */
const retries = { fresh: 2, begun: 10 } as const;

/** What the ledger is told to wait when a message came too fast three times, ms. */
const throttledRetryMs = 10_000;

/** How long a message that the carrier has begun to take waits for a connection, ms. */
const begunPatienceMs = 60_000;

/** SMPP 3.4 section 5.2.12: the bits that say what kind of message it is, and the kinds that are about a message of ours. */
const messageType = { mask: 0x3c, receipt: 0x04, notification: 0x20 } as const;

const takenStatus = 0;
/** SMPP 3.4 table 5-2, ESME_RX_T_APPN: not for now; send it again. */
const notNowStatus = 0x64;

type Job = {
  readonly messageId: string;
  readonly parts: readonly SubmitFields[];
  /** Of the parts that were accepted. */
  readonly providerIds: string[];
  /** Where it stands among the messages that are out; null: nothing of it was sent. */
  outId: number | null;
  refusals: number;
  readonly resolve: (result: SmsSendResult) => void;
};

/**
 * SMS over SMPP 3.4. A message has one part out at a time, so its parts arrive in order and none follows one that was refused; the window is filled by other
 * messages. See README.md.
 */
export class SmppTransport implements SmsTransport {
  readonly #settings: SmppSettings;
  readonly #host: SmsTransportHost;
  readonly #links: readonly SmppLink[];
  readonly #pace: SendPace;
  readonly #references: PartReferences;
  readonly #early = new EarlyReceipts();
  readonly #unclaimed = new UnclaimedReceipts();
  /** Those that the carrier has begun to take go first. */
  readonly #begun: Job[] = [];
  readonly #fresh: Job[] = [];
  /** Written, and not told yet. */
  #outCount = 0;
  #turn = 0;
  #paceTimer: Timer | null = null;
  #patienceTimer: Timer | null = null;
  #closing: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;
  #ignored = 0;

  constructor(settings: SmppSettings, host: SmsTransportHost, open: OpenSmppStream = openSmppStream) {
    this.#settings = settings;
    this.#host = host;
    this.#pace = new SendPace(host.clock, host.maxTps);
    this.#references = new PartReferences(host.random);
    const binds: readonly BindCommand[] =
      settings.bindMode === 'pair' ? ['bind_transmitter', 'bind_receiver'] : ['bind_transceiver'];
    const owner = {
      clock: host.clock,
      random: host.random,
      logger: host.logger,
      onChange: () => this.#pump(),
      onDelivered: (delivered: Delivered, answer: (status: number) => void) => this.#onDelivered(delivered, answer),
    };
    this.#links = Array.from({ length: settings.binds }, () => binds)
      .flat()
      .map((bind) => new SmppLink({ settings, bind, open }, owner));
  }

  get state(): SmsTransportState {
    const sending = this.#links.filter((link) => link.isSending).map((link) => link.state);
    if (sending.some(isUsable)) return { state: 'up', reason: null };
    const reason = sending.find((state) => state.reason !== null)?.reason ?? null;
    const isTrying = sending.some(({ name }) => name === 'connecting' || name === 'binding');
    return { state: isTrying ? 'connecting' : 'down', reason };
  }

  /** Of the connections that are bound: while there is none, messages had better wait in the queue. */
  get window(): number {
    return this.#links.reduce((sum, link) => sum + link.window, 0);
  }

  /** Messages from handsets, which have been answered and forgotten. */
  get ignoredMessages(): number {
    return this.#ignored;
  }

  start(): void {
    for (const link of this.#links) link.start();
  }

  send(message: OutgoingSms): Promise<SmsSendResult> {
    if (this.#closing !== null) return Promise.resolve(refusedForNow('the channel is being closed'));
    if (!this.#isUp) return Promise.resolve(refusedForNow(this.#downReason));
    const prepared = prepareMessage(message, this.#settings, this.#references);
    if (prepared.type === 'refused') return Promise.resolve(prepared.result);
    return new Promise((resolve) => {
      const { messageId } = message;
      this.#fresh.push({ messageId, parts: prepared.parts, providerIds: [], outId: null, refusals: 0, resolve });
      this.#pump();
    });
  }

  close(signal: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(signal);
    return this.#closing;
  }

  async #close(signal: AbortSignal): Promise<void> {
    for (const job of this.#fresh.splice(0)) this.#settle(job, refusedForNow('the channel is being closed'));
    if (!signal.aborted && !this.#isIdle) {
      const idle = Promise.withResolvers<void>();
      this.#onIdle = idle.resolve;
      signal.addEventListener('abort', () => idle.resolve(), { once: true });
      await idle.promise;
    }
    this.#paceTimer?.cancel();
    this.#patienceTimer?.cancel();
    for (const job of this.#begun.splice(0)) this.#settle(job, partly(job, 'the channel was closed'));
    await Promise.all(this.#links.map((link) => link.stop()));
  }

  get #isUp(): boolean {
    return this.#links.some((link) => link.isSending && isUsable(link.state));
  }

  get #downReason(): string {
    const { reason } = this.state;
    return reason ?? 'not connected';
  }

  get #isIdle(): boolean {
    return this.#outCount === 0 && this.#begun.length === 0;
  }

  /** Sends what may be sent now; sees to it that the rest is not forgotten. */
  #pump(): void {
    if (!this.#isUp) {
      for (const job of this.#fresh.splice(0)) this.#settle(job, refusedForNow(this.#downReason));
      this.#waitForConnection();
      return;
    }
    this.#patienceTimer?.cancel();
    this.#patienceTimer = null;
    while (this.#begun.length + this.#fresh.length > 0) {
      const link = this.#linkWithRoom();
      if (link === null) return;
      if (!this.#pace.take()) {
        this.#waitForPace();
        return;
      }
      const job = this.#begun.shift() ?? this.#fresh.shift();
      if (job !== undefined) this.#submit(link, job);
    }
  }

  #submit(link: SmppLink, job: Job): void {
    const part = job.parts[job.providerIds.length];
    if (part === undefined) return;
    job.outId ??= this.#early.begin();
    this.#outCount += 1;
    this.#turn = this.#links.indexOf(link) + 1;
    link.submit(part, {
      onResult: (result) => {
        this.#outCount -= 1;
        this.#onResult(job, result);
        this.#pump();
        if (this.#isIdle) this.#onIdle?.();
      },
      onLateAnswer: (answer) => {
        this.#onLateAnswer(job, answer);
        this.#pump();
      },
    });
  }

  #onResult(job: Job, result: SubmitResult): void {
    switch (result.type) {
      case 'unanswered':
        this.#settle(job, partly(job, result.reason));
        return;
      case 'answered':
        if (result.status === takenStatus) this.#onAccepted(job, result.messageId ?? '');
        else this.#onRefused(job, result.status);
        return;
      default:
        assertNever(result);
    }
  }

  #onAccepted(job: Job, messageId: string): void {
    this.#pace.goesWell();
    job.providerIds.push(idFromAnswer(messageId, this.#settings.idFormat));
    job.refusals = 0;
    if (job.providerIds.length === job.parts.length) {
      this.#settle(job, { type: 'accepted', providerIds: job.providerIds });
    } else {
      this.#begun.push(job);
    }
  }

  #onRefused(job: Job, status: number): void {
    const { kind } = commandStatus(status);
    const isBegun = job.providerIds.length > 0;
    if (kind === 'throttled' || (isBegun && kind === 'temporary')) {
      this.#pace.slowDown();
      job.refusals += 1;
      const isOver = this.#closing !== null && !isBegun;
      if (job.refusals <= (isBegun ? retries.begun : retries.fresh) && !isOver) {
        (isBegun ? this.#begun : this.#fresh).unshift(job);
        return;
      }
    }
    this.#settle(job, isBegun ? partly(job, statusWords(status)) : refusal(status, kind));
  }

  /** Of a message that was called unknown when its answer did not come in time. */
  #onLateAnswer(job: Job, { status, messageId }: SubmitAnswer): void {
    const { kind } = commandStatus(status);
    if (status !== takenStatus && kind === 'throttled') this.#pace.slowDown();
    const isLast = job.providerIds.length === job.parts.length - 1;
    // The parts after it never left, so it stays unknown what the message is to whoever gets it.
    if (!isLast) return;
    if (status !== takenStatus) {
      // What was refused for now is not sent again either: whoever asked was told that it is not known.
      if (job.parts.length === 1 && kind === 'final') this.#host.onLateResult(job.messageId, refusal(status, kind));
      return;
    }
    const providerIds = [...job.providerIds, idFromAnswer(messageId ?? '', this.#settings.idFormat)];
    this.#host.onLateResult(job.messageId, { type: 'accepted', providerIds });
    this.#early.remember(providerIds);
    for (const receipt of this.#unclaimed.claim(providerIds)) {
      this.#host.onReceipt(receipt).catch((error: unknown) => {
        this.#host.logger.warn({ reason: messageOf(error) }, 'smpp receipt not taken, and acknowledged before');
      });
    }
  }

  #settle(job: Job, result: SmsSendResult): void {
    job.resolve(result);
    if (job.outId !== null) this.#early.settle(job.outId, job.providerIds);
    if (result.type === 'accepted') this.#early.remember(result.providerIds);
  }

  /** Of those with room, each in turn: connections of one account are often served by different machines. */
  #linkWithRoom(): SmppLink | null {
    for (let step = 0; step < this.#links.length; step += 1) {
      const link = this.#links[(this.#turn + step) % this.#links.length];
      if (link !== undefined && link.room > 0) return link;
    }
    return null;
  }

  #waitForPace(): void {
    if (this.#paceTimer !== null) return;
    this.#paceTimer = this.#host.clock.setTimer(() => {
      this.#paceTimer = null;
      this.#pump();
    }, this.#pace.waitMs);
  }

  #waitForConnection(): void {
    if (this.#begun.length === 0 || this.#patienceTimer !== null) return;
    this.#patienceTimer = this.#host.clock.setTimer(() => {
      this.#patienceTimer = null;
      for (const job of this.#begun.splice(0)) this.#settle(job, partly(job, this.#downReason));
      if (this.#isIdle) this.#onIdle?.();
    }, begunPatienceMs);
  }

  #onDelivered({ esmClass, receipt: source }: Delivered, answer: (status: number) => void): void {
    const type = esmClass & messageType.mask;
    const isReceipt = type === messageType.receipt || type === messageType.notification;
    if (!isReceipt) {
      this.#ignored += 1;
      this.#host.logger.debug({ esmClass, ignored: this.#ignored }, 'sms from a handset ignored');
      answer(takenStatus);
      return;
    }
    const { idFormat, receiptUtcOffsetMin: utcOffsetMin } = this.#settings;
    const receipt = readReceipt(source, { idFormat, utcOffsetMin });
    if (receipt === null) this.#host.logger.warn({ text: source.text.slice(0, 80) }, 'smpp receipt cannot be read');
    if (receipt === null || (receipt.state !== 'delivered' && receipt.state !== 'failed')) {
      answer(takenStatus);
      return;
    }
    const { providerId, state, doneAt, code } = receipt;
    this.#early.take(providerId, () => this.#pass({ providerId, state, doneAt, code }, answer));
  }

  #pass(receipt: SmsReceipt, answer: (status: number) => void): void {
    const isLateAwaited = this.#links.some((link) => link.isLateAwaited);
    if (!isLateAwaited) this.#unclaimed.clear();
    else if (!this.#early.isKnown(receipt.providerId)) this.#unclaimed.keep(receipt);
    this.#host.onReceipt(receipt).then(
      () => answer(takenStatus),
      (error: unknown) => {
        this.#host.logger.warn({ reason: messageOf(error) }, 'smpp receipt not taken; the carrier is to send it again');
        answer(notNowStatus);
      },
    );
  }
}

function refusal(status: number, kind: RefusalKind): LateSmsResult {
  const retryAfterMs = kind === 'throttled' ? throttledRetryMs : null;
  const [code, reason] = [statusCode(status), statusWords(status)];
  return { type: 'refused', isFinal: kind === 'final', code, reason, retryAfterMs };
}

/** A message that was written, or of which the carrier has a part: it is not sent again. */
function partly(job: Job, why: string): SmsSendResult {
  const { length } = job.providerIds;
  const reason = length === 0 ? why : `${length} of ${job.parts.length} parts were accepted, then: ${why}`;
  return { type: 'unknown', reason, providerIds: job.providerIds };
}
