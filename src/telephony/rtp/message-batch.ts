/**
 * Collects what one thread tells another, and hands it over once per turn of the event loop. A message costs next to nothing, but waking the other thread is
 * a system call (some 75 us of CPU measured), and things come in crowds: answers read from one socket, packets of one slot.
 */
export class MessageBatch<T> {
  readonly #send: (messages: readonly T[], transfer: ArrayBuffer[]) => void;
  #messages: T[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(send: (messages: readonly T[], transfer: ArrayBuffer[]) => void) {
    this.#send = send;
  }

  /** `transfer`: memory that goes along instead of being copied. */
  post(message: T, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#messages.length === 0) setImmediate(this.#flush);
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
