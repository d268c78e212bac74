import { PDU } from 'smpp';
import type { ByteStreamObserver } from '../../src/lib/byte-stream.ts';
import { PduFramer } from '../../src/sms/smpp/pdu-framer.ts';
import type { OpenSmppStream } from '../../src/sms/smpp/smpp-stream.ts';

/** One connection to a {@link ScriptedCarrier}, from the carrier's side. */
export interface CarrierSide {
  /** What came and was not answered by itself, in order. */
  readonly received: PDU[];
  /** Whether our end has closed it. */
  readonly isClosed: boolean;
  connect(): void;
  send(command: string, fields?: Readonly<Record<string, unknown>>): void;
  answer(request: PDU | undefined, fields?: Readonly<Record<string, unknown>>): void;
  bytes(bytes: Buffer): void;
  /** Ends the connection; null: in peace. */
  lose(error: Error | null): void;
}

/** A carrier in memory, PDUs by the library: nothing happens but what a test says. */
export class ScriptedCarrier {
  readonly sides: CarrierSide[] = [];

  readonly open: OpenSmppStream = (_target, observer) => {
    const side = new Side(observer);
    this.sides.push(side);
    return { write: (bytes) => side.take(bytes), close: () => side.close() };
  };

  /** The latest connection. */
  get side(): CarrierSide {
    const side = this.sides.at(-1);
    if (side === undefined) throw new Error('nobody has connected');
    return side;
  }

  /** Lets the latest connection be made and bound. */
  accept(): CarrierSide {
    const { side } = this;
    side.connect();
    side.answer(side.received.shift());
    return side;
  }
}

class Side implements CarrierSide {
  readonly received: PDU[] = [];
  readonly #observer: ByteStreamObserver;
  readonly #framer = new PduFramer();
  #sequence = 0;
  isClosed = false;

  constructor(observer: ByteStreamObserver) {
    this.#observer = observer;
  }

  take(bytes: Buffer): void {
    for (const pdu of this.#framer.push(bytes)) this.received.push(new PDU(pdu));
  }

  close(): void {
    this.isClosed = true;
  }

  connect(): void {
    this.#observer.onConnected();
  }

  send(command: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#sequence += 1;
    this.bytes(new PDU(command, { sequence_number: this.#sequence, ...fields }).toBuffer());
  }

  answer(request: PDU | undefined, fields: Readonly<Record<string, unknown>> = {}): void {
    if (request === undefined) throw new Error('there is no such request');
    this.bytes(request.response({ ...fields }).toBuffer());
  }

  bytes(bytes: Buffer): void {
    if (!this.isClosed) this.#observer.onBytes(bytes);
  }

  lose(error: Error | null): void {
    if (!this.isClosed) this.#observer.onClosed(error);
  }
}
