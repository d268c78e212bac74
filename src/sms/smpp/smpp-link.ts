import type { Clock, Timer } from '../../lib/clock.ts';
import { assertNever } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { connectionWords } from './connection-words.ts';
import type { ReceiptSource } from './delivery-receipt.ts';
import {
  isUsable,
  type LinkAction,
  type LinkInput,
  type LinkState,
  type LinkStep,
  startLink,
  stepLink,
} from './link-machine.ts';
import {
  answerPdu,
  type BindCommand,
  bindPdu,
  commandIds,
  enquireLinkPdu,
  genericNackPdu,
  type IncomingPdu,
  readPdu,
  type SubmitFields,
  submitPdu,
  unbindPdu,
} from './pdu.ts';
import { PduFramer } from './pdu-framer.ts';
import type { SmppSettings } from './smpp-settings.ts';
import type { OpenSmppStream, SmppStream } from './smpp-stream.ts';
import { type SubmitObserver, UnansweredRequests } from './unanswered-requests.ts';

/** A message from the carrier: a receipt, or from a handset. */
export type Delivered = { readonly esmClass: number; readonly receipt: ReceiptSource };

export interface LinkOwner {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** It takes messages, or takes them no more, or could not be made. Who submits learns of room by the results. */
  onChange(): void;
  /** `answer` says with which status it was taken; later is fine. */
  onDelivered(delivered: Delivered, answer: (status: number) => void): void;
}

export type LinkOptions = {
  readonly settings: SmppSettings;
  readonly bind: BindCommand;
  readonly open: OpenSmppStream;
};

/** To set up a connection, with TLS, ms. */
const connectTimeoutMs = 10_000;
/** To answer a bind, an enquire_link or an unbind, ms. */
const answerTimeoutMs = 10_000;

/** SMPP 3.4 section 5.1.4: after it comes 1. */
const lastSequence = 0x7fffffff;

/** Requests that are known and not for us; neither has an answer (SMPP 3.4 sections 4.1.7 and 4.12.1). */
const unansweredCommands: readonly number[] = [0x0000000b, 0x00000102];

const wrongLength = 0x02;
const unknownCommand = 0x03;
const unknownError = 0xff;

/** The shell of one connection's machine: holds the stream, the timers, and who waits for an answer. */
export class SmppLink {
  readonly #options: LinkOptions;
  readonly #owner: LinkOwner;
  readonly #requests: UnansweredRequests;
  #state: LinkState = { name: 'waiting', failures: 0, reason: null };
  #framer = new PduFramer();
  #stream: SmppStream | null = null;
  #timer: Timer | null = null;
  #sequence = 0;
  #heardAtMs = 0;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.#options = options;
    this.#owner = owner;
    const { responseTimeoutS, window } = options.settings;
    this.#requests = new UnansweredRequests(owner.clock, { timeoutMs: responseTimeoutS * 1000, window });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** How many messages may be out on it now. */
  get window(): number {
    return this.isSending && isUsable(this.#state) ? this.#requests.window : 0;
  }

  /** How many more messages it takes now; may be below 0. */
  get room(): number {
    return this.window - this.#requests.size;
  }

  /** Whether the answer to a message that was said to have none may still come. */
  get isLateAwaited(): boolean {
    return this.#requests.isLateAwaited;
  }

  /** Whether messages go out over it. */
  get isSending(): boolean {
    return this.#options.bind !== 'bind_receiver';
  }

  start(): void {
    this.#take(startLink());
  }

  /** Unbinds and ends; what is unanswered is told so. Idempotent. */
  stop(): Promise<void> {
    this.#feed({ type: 'stop' });
    return this.#ended.promise;
  }

  /** Only while there is {@link room}. */
  submit(fields: SubmitFields, observer: SubmitObserver): void {
    const sequence = this.#nextSequence();
    this.#requests.add(sequence, observer);
    this.#stream?.write(submitPdu(sequence, fields));
  }

  #nextSequence(): number {
    do this.#sequence = this.#sequence >= lastSequence ? 1 : this.#sequence + 1;
    while (this.#requests.has(this.#sequence));
    return this.#sequence;
  }

  #feed(input: LinkInput): void {
    this.#take(stepLink(this.#state, input));
  }

  #take({ state, actions }: LinkStep): void {
    const before = this.#state;
    this.#state = state;
    for (const action of actions) this.#run(action);
    if (before.name !== state.name && state.name === 'waiting') {
      this.#owner.logger.warn({ reason: state.reason, failures: state.failures }, 'smpp connection lost');
    }
  }

  #run(action: LinkAction): void {
    switch (action.type) {
      case 'connect':
        this.#connect();
        return;
      case 'bind':
        this.#stream?.write(bindPdu(this.#options.bind, this.#nextSequence(), this.#options.settings));
        return;
      case 'up':
        this.#owner.logger.info({ bind: this.#options.bind }, 'smpp connection bound');
        this.#owner.onChange();
        return;
      case 'down':
        this.#requests.giveUp(this.#state.reason ?? 'the channel was closed');
        this.#owner.onChange();
        return;
      case 'enquire':
        this.#stream?.write(enquireLinkPdu(this.#nextSequence()));
        return;
      case 'unbind':
        this.#stream?.write(unbindPdu(this.#nextSequence()));
        return;
      case 'start-timer':
        this.#startTimer(action.timer);
        return;
      case 'stop-timer':
        this.#timer?.cancel();
        return;
      case 'wait-retry':
        this.#setTimer(action.nominalMs * (0.5 + this.#owner.random.float() / 2), () => this.#feed({ type: 'try' }));
        // Whoever waits for a connection learns that there is none.
        this.#owner.onChange();
        return;
      case 'close':
        this.#stream?.close();
        this.#stream = null;
        return;
      case 'ended':
        this.#ended.resolve();
        return;
      default:
        assertNever(action);
    }
  }

  #connect(): void {
    this.#framer = new PduFramer();
    const stream = this.#options.open(this.#options.settings, {
      onConnected: () => this.#feed({ type: 'connected' }),
      onBytes: (bytes) => this.#onBytes(bytes),
      onClosed: (error) =>
        this.#feed({
          type: 'lost',
          reason: error === null ? 'the carrier closed the connection' : connectionWords(error),
        }),
    });
    this.#stream = stream;
  }

  #startTimer(timer: 'connect' | 'answer' | 'probe'): void {
    if (timer === 'probe') {
      this.#heardAtMs = this.#owner.clock.monotonic();
      this.#watchSilence(this.#options.settings.enquireLinkS * 1000);
      return;
    }
    const delayMs = timer === 'connect' ? connectTimeoutMs : answerTimeoutMs;
    this.#setTimer(delayMs, () => this.#feed({ type: 'overdue' }));
  }

  /** One timer for the whole silence, moved on when it fires: nothing is done per message. */
  #watchSilence(delayMs: number): void {
    this.#setTimer(delayMs, () => {
      const silentMs = this.#owner.clock.monotonic() - this.#heardAtMs;
      const restMs = this.#options.settings.enquireLinkS * 1000 - silentMs;
      if (restMs > 0) this.#watchSilence(restMs);
      else this.#feed({ type: 'probe-due' });
    });
  }

  #setTimer(delayMs: number, callback: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#owner.clock.setTimer(callback, delayMs);
  }

  #onBytes(bytes: Buffer): void {
    const stream = this.#stream;
    const pdus = this.#framer.push(bytes);
    if (pdus.length > 0) {
      this.#heardAtMs = this.#owner.clock.monotonic();
      if (this.#state.name === 'probing') this.#feed({ type: 'heard' });
    }
    for (const pdu of pdus) {
      // What comes behind an unbind, or after we have closed, is nobody's.
      if (this.#stream !== stream || stream === null) return;
      this.#onPdu(readPdu(pdu), stream);
    }
    if (this.#framer.broken !== null && this.#stream === stream)
      this.#feed({ type: 'lost', reason: this.#framer.broken });
  }

  #onPdu(pdu: IncomingPdu, stream: SmppStream): void {
    switch (pdu.type) {
      case 'answer':
        this.#onAnswer(pdu);
        return;
      case 'deliver':
        this.#onDeliver(pdu, stream);
        return;
      case 'malformed':
        stream.write(answerPdu(pdu.commandId, pdu.sequence, wrongLength));
        return;
      case 'request':
        this.#onRequest(pdu.commandId, pdu.sequence, stream);
        return;
      default:
        assertNever(pdu);
    }
  }

  #onAnswer({ commandId, sequence, status, messageId }: IncomingPdu & { type: 'answer' }): void {
    const isNack = commandId === commandIds.generic_nack;
    // Section 4.3.1: whatever it says, the request was not taken.
    const outcome = isNack && status === 0 ? unknownError : status;
    const awaited = this.#requests.answer(sequence, { status: outcome, messageId });
    if (awaited === 'late') this.#owner.logger.info({ messageId, status: outcome }, 'smpp answer came late');
    if (awaited !== 'not-awaited') {
      if (this.#state.failures > 0) this.#feed({ type: 'useful' });
    } else if (this.#state.name === 'binding') {
      this.#feed({ type: 'bind-answered', status: outcome });
    } else if (this.#state.name === 'unbinding') {
      this.#feed({ type: 'unbind-answered' });
    } else if (messageId !== null) {
      this.#owner.logger.warn({ messageId }, 'smpp answer that nobody waits for');
    }
  }

  #onDeliver(pdu: IncomingPdu & { type: 'deliver' }, stream: SmppStream): void {
    if (!isUsable(this.#state)) return;
    this.#owner.onDelivered(pdu, (status) => {
      // Closed in between, the carrier will send it again.
      if (this.#stream === stream) stream.write(answerPdu(commandIds.deliver_sm, pdu.sequence, status));
    });
  }

  #onRequest(commandId: number, sequence: number, stream: SmppStream): void {
    switch (commandId) {
      case commandIds.enquire_link:
        stream.write(answerPdu(commandId, sequence, 0));
        return;
      case commandIds.unbind:
        stream.write(answerPdu(commandId, sequence, 0));
        this.#feed({ type: 'unbind' });
        return;
      default:
        if (!unansweredCommands.includes(commandId)) stream.write(genericNackPdu(sequence, unknownCommand));
    }
  }
}
