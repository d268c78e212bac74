import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.ts';

/** A short message as it came over the air (GSM 03.40 section 9.2.2.1). */
export type ReceivedSms = {
  readonly dataCoding: number;
  readonly hasHeader: boolean;
  /** GSM text is packed. */
  readonly userData: Buffer;
  /** In septets for GSM text, else in octets, the header counted. */
  readonly length: number;
};

/** A handset on the SGs interface (3GPP TS 29.118), where an MME of LTE speaks for it. It takes what it is sent. */
export interface SgsHandset {
  readonly received: readonly ReceivedSms[];
  close(): Promise<void>;
}

/** Message types and elements of 29.118 sections 9.2 and 9.3. */
const types = {
  pagingRequest: 0x01,
  serviceRequest: 0x06,
  downlinkUnitdata: 0x07,
  uplinkUnitdata: 0x08,
  locationUpdateRequest: 0x09,
  locationUpdateAccept: 0x0a,
  tmsiReallocationComplete: 0x0c,
} as const;
const elements = {
  imsi: 0x01,
  area: 0x04,
  mmeName: 0x09,
  updateType: 0x0a,
  nas: 0x16,
  service: 0x20,
  ueState: 0x25,
} as const;

const mmeName = '\x06mmec01\x09mmegi0001\x03mme\x03epc\x06mnc001\x06mcc001\x0b3gppnetwork\x03org';
const smsService = 0x02;

/** GSM 04.11 sections 8.1.3 and 8.2.2. */
const cp = { data: 0x01, ack: 0x04 } as const;
const rpAckFromHandset = 0x02;
/** Of the transaction identifier: who began it. */
const answeringSide = 0x80;

/** SGs runs over SCTP, which keeps messages apart; over the TCP that tests make of it, time does. */
const gapMs = 30;

/** Attaches a handset to the network behind this port. Resolves when it can be paged. */
export async function attachHandset(port: number, imsi: string): Promise<SgsHandset> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const handset = new Handset(socket, imsi);
  handset.attach();
  await until(() => handset.isAttached, { what: 'the handset to be attached', timeoutMs: 10_000, everyMs: 20 });
  return handset;
}

class Handset implements SgsHandset {
  readonly received: ReceivedSms[] = [];
  readonly #socket: Socket;
  readonly #imsi: Buffer;
  #sending: Promise<unknown> = Promise.resolve();
  isAttached = false;

  constructor(socket: Socket, imsi: string) {
    this.#socket = socket;
    this.#imsi = element(elements.imsi, mobileIdentity(imsi));
    socket.on('data', (bytes) => {
      for (const message of splitMessages(bytes)) this.#onMessage(message);
    });
    socket.on('error', () => socket.destroy());
  }

  attach(): void {
    this.#send(types.locationUpdateRequest, [
      element(elements.mmeName, Buffer.from(mmeName, 'latin1')),
      element(elements.updateType, Buffer.from([1])),
      element(elements.area, Buffer.from([0x00, 0xf1, 0x10, 0x00, 0x01])),
    ]);
  }

  async close(): Promise<void> {
    await this.#sending;
    this.#socket.destroy();
  }

  #onMessage({ type, nas }: SgsMessage): void {
    switch (type) {
      case types.locationUpdateAccept:
        this.#send(types.tmsiReallocationComplete, []);
        this.isAttached = true;
        return;
      case types.pagingRequest:
        this.#send(types.serviceRequest, [
          element(elements.service, Buffer.from([smsService])),
          element(elements.ueState, Buffer.from([0])),
        ]);
        return;
      case types.downlinkUnitdata:
        if (nas?.[1] === cp.data) this.#take(nas);
        return;
      default:
    }
  }

  #take(nas: Buffer): void {
    this.received.push(readDeliver(nas));
    const discriminator = (nas[0] ?? 0) ^ answeringSide;
    this.#sendNas([discriminator, cp.ack]);
    this.#sendNas([discriminator, cp.data, 2, rpAckFromHandset, nas[4] ?? 0]);
  }

  #sendNas(octets: readonly number[]): void {
    this.#send(types.uplinkUnitdata, [element(elements.nas, Buffer.from(octets))]);
  }

  #send(type: number, parts: readonly Buffer[]): void {
    const message = Buffer.concat([Buffer.from([type]), this.#imsi, ...parts]);
    this.#sending = this.#sending.then(() => {
      this.#socket.write(message);
      return sleep(gapMs);
    });
  }
}

type SgsMessage = { readonly type: number; readonly nas: Buffer | null };

/** Every message begins with its type and the IMSI, which no element inside looks like. */
function splitMessages(bytes: Buffer): SgsMessage[] {
  const messages: { type: number; nas: Buffer | null }[] = [];
  for (let at = 0; at + 2 < bytes.length; ) {
    const isStart = bytes[at + 1] === elements.imsi && bytes[at + 2] === 8;
    if (isStart) {
      messages.push({ type: bytes[at] ?? 0, nas: null });
      at += 1;
      continue;
    }
    const end = at + 2 + (bytes[at + 1] ?? 0);
    const current = messages.at(-1);
    if (current !== undefined && bytes[at] === elements.nas) current.nas = bytes.subarray(at + 2, end);
    at = end;
  }
  return messages;
}

/** CP-DATA with RP-DATA with SMS-DELIVER (GSM 04.11 section 7.3.1.1, GSM 03.40 section 9.2.2.1). */
function readDeliver(nas: Buffer): ReceivedSms {
  const originatorAt = 5;
  const destinationAt = originatorAt + 1 + (nas[originatorAt] ?? 0);
  const tpdu = nas.subarray(destinationAt + 1 + (nas[destinationAt] ?? 0) + 1);
  const protocolAt = 3 + Math.ceil((tpdu[1] ?? 0) / 2);
  const lengthAt = protocolAt + 9;
  return {
    dataCoding: tpdu[protocolAt + 1] ?? 0,
    hasHeader: ((tpdu[0] ?? 0) & 0x40) !== 0,
    length: tpdu[lengthAt] ?? 0,
    userData: tpdu.subarray(lengthAt + 1),
  };
}

/** GSM 04.08 section 10.5.1.4: an IMSI of an odd number of digits. */
function mobileIdentity(imsi: string): Buffer {
  const digits = [...imsi].map(Number);
  const first = ((digits[0] ?? 0) << 4) | 0x09;
  const rest = Array.from({ length: (digits.length - 1) / 2 }, (_, index) => {
    return (digits[1 + index * 2] ?? 0) | ((digits[2 + index * 2] ?? 0) << 4);
  });
  return Buffer.from([first, ...rest]);
}

function element(id: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id, value.length]), value]);
}
