import type { Connection } from './connection.ts';
import type { CallOptions } from './transport.ts';
import type { CodeMessage, DirectCallResult, GroupMessage, IvrMessage } from './wire/direct-call.ts';

/** Calls without a task (contract section 6). */
export class DirectCalls {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** sendGroup: plays a file to up to 1,000 numbers; the result says of each whether it was accepted. */
  sendGroup(message: GroupMessage, options?: CallOptions): Promise<readonly DirectCallResult[]> {
    return this.#connection.change('/voice/sendGroup', message, options);
  }

  /** sendCode: speaks a text to one number and returns the `voiceId`. */
  sendCode(message: CodeMessage, options?: CallOptions): Promise<string> {
    return this.#connection.change('/voice/sendCode', message, options);
  }

  /** sendIvr: speaks templates to many numbers; the result says of each whether it was accepted. */
  sendIvr(message: IvrMessage, options?: CallOptions): Promise<readonly DirectCallResult[]> {
    return this.#connection.change('/voice/sendIvr', message, options);
  }
}
