import type {
  LateSmsResult,
  OutgoingSms,
  SmsReceipt,
  SmsSendResult,
  SmsTransport,
  SmsTransportHost,
  SmsTransportState,
} from '../../src/sms/sms-transport.ts';

/** What a test's channel says to a message: a result, or one that comes when the test wants. */
export type ScriptedAnswer = (message: OutgoingSms, nth: number) => SmsSendResult | Promise<SmsSendResult>;

/** A transport that does what a test says, and remembers what it was given. */
export class ScriptedTransport implements SmsTransport {
  state: SmsTransportState = { state: 'up', reason: null };
  readonly window: number;
  readonly sent: OutgoingSms[] = [];
  isClosed = false;
  readonly #host: SmsTransportHost;
  readonly #answer: ScriptedAnswer;

  constructor(host: SmsTransportHost, answer: ScriptedAnswer, window = 50) {
    this.#host = host;
    this.#answer = answer;
    this.window = window;
  }

  start(): void {
    // It is up from the start.
  }

  async send(message: OutgoingSms): Promise<SmsSendResult> {
    this.sent.push(message);
    return this.#answer(message, this.sent.length);
  }

  /** As the carrier would send it. */
  receipt(receipt: SmsReceipt): Promise<void> {
    return this.#host.onReceipt(receipt);
  }

  /** As the carrier answers after all. */
  lateResult(messageId: string, result: LateSmsResult): void {
    this.#host.onLateResult(messageId, result);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}
