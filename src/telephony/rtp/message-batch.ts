import type { Transferable } from 'node:worker_threads';

/** Nobody hears so short a delay: the schedule of sending has slots of this length. */
const windowMs = 5;

/**
 * Collects what one thread tells another, and hands it over after a few milliseconds in one message. What is in it costs next to nothing, but waking the other thread
 * is a system call (some 75 us of CPU measured); with this there are 200 of them per second and direction at most, however many calls there are.
 */
export class MessageBatch<T> {
  readonly #send: (messages: readonly T[], transfer: Transferable[]) => void;
  #messages: T[] = [];
  #transfer: Transferable[] = [];

  constructor(send: (messages: readonly T[], transfer: Transferable[]) => void) {
    this.#send = send;
  }

  /** `transfer`: memory and ports that go along instead of being copied. */
  post(message: T, transfer: readonly Transferable[] = []): void {
    if (this.#messages.length === 0) setTimeout(this.#flush, windowMs);
    this.#messages.push(message);
    this.#transfer.push(...transfer);
  }

  readonly #flush = (): void => {
    const messages = this.#messages;
    const transfer = this.#transfer;
    this.#messages = [];
    this.#transfer = [];
    this.#send(messages, transfer);
  };
}
