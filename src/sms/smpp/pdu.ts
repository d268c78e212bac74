import type { ReceiptSource } from './delivery-receipt.ts';
import { headerOctets } from './pdu-framer.ts';
import type { SmppAddress } from './sender-address.ts';

/** SMPP 3.4 table 5-1: the commands that we send or understand. An answer has the top bit set. */
export const commandIds = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_transmitter: 0x00000002,
  submit_sm: 0x00000004,
  deliver_sm: 0x00000005,
  unbind: 0x00000006,
  bind_transceiver: 0x00000009,
  enquire_link: 0x00000015,
} as const;

export type BindCommand = 'bind_receiver' | 'bind_transmitter' | 'bind_transceiver';

const answerBit = 0x80000000;

/** SMPP 3.4. */
const interfaceVersion = 0x34;

export type BindFields = { readonly systemId: string; readonly password: string; readonly systemType: string };

export type SubmitFields = {
  readonly source: SmppAddress;
  readonly destination: SmppAddress;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
  /** At most 254 octets. */
  readonly shortMessage: Buffer;
  /** Marks a part beside the text (`sar_msg_ref_num` and its kin); null: it is not marked so. */
  readonly sar: { readonly reference: number; readonly total: number; readonly place: number } | null;
};

/** What came in. */
export type IncomingPdu =
  | {
      readonly type: 'answer';
      readonly commandId: number;
      readonly sequence: number;
      readonly status: number;
      readonly messageId: string | null;
    }
  | { readonly type: 'deliver'; readonly sequence: number; readonly esmClass: number; readonly receipt: ReceiptSource }
  | { readonly type: 'request'; readonly commandId: number; readonly sequence: number }
  /** Its length is right and its fields are not. */
  | { readonly type: 'malformed'; readonly commandId: number; readonly sequence: number };

/** Texts longer than their fields are cut by the checks of the settings, not here. */
export function bindPdu(
  command: BindCommand,
  sequence: number,
  { systemId, password, systemType }: BindFields,
): Buffer {
  const body = [
    cString(systemId),
    cString(password),
    cString(systemType),
    Buffer.from([interfaceVersion, 0, 0]),
    cString(''),
  ];
  return pdu(commandIds[command], 0, sequence, body);
}

/** Section 4.4.1. No service type, no schedule, the carrier's validity. */
export function submitPdu(sequence: number, fields: SubmitFields): Buffer {
  const { source, destination, esmClass, registeredDelivery, dataCoding, shortMessage, sar } = fields;
  const body = [
    Buffer.from([0, source.ton, source.npi]),
    cString(source.address),
    Buffer.from([destination.ton, destination.npi]),
    cString(destination.address),
    // protocol_id, priority_flag, schedule_delivery_time and validity_period are 0 or empty; so are replace_if_present and sm_default_msg_id.
    Buffer.from([esmClass, 0, 0, 0, 0, registeredDelivery, 0, dataCoding, 0, shortMessage.length]),
    shortMessage,
  ];
  if (sar !== null) body.push(sarParameters(sar));
  return pdu(commandIds.submit_sm, 0, sequence, body);
}

export function enquireLinkPdu(sequence: number): Buffer {
  return pdu(commandIds.enquire_link, 0, sequence, []);
}

export function unbindPdu(sequence: number): Buffer {
  return pdu(commandIds.unbind, 0, sequence, []);
}

/** An answer to a request. */
export function answerPdu(commandId: number, sequence: number, status: number): Buffer {
  // Section 4.6.2: deliver_sm_resp has a message id that is not used.
  const body = commandId === commandIds.deliver_sm ? [Buffer.from([0])] : [];
  return pdu((commandId | answerBit) >>> 0, status, sequence, body);
}

/** For what is no request that could be answered (section 4.3). */
export function genericNackPdu(sequence: number, status: number): Buffer {
  return pdu(commandIds.generic_nack, status, sequence, []);
}

/** Reads one PDU as a framer cuts it: its length is known to be right. */
export function readPdu(bytes: Buffer): IncomingPdu {
  const commandId = bytes.readUInt32BE(4);
  const status = bytes.readUInt32BE(8);
  const sequence = bytes.readUInt32BE(12);
  if (commandId >= answerBit) {
    const isSubmit = commandId === commandIds.submit_sm + answerBit;
    // Some leave the id out, or its end.
    const messageId = isSubmit && bytes.length > headerOctets ? cStringAt(bytes, headerOctets).text : null;
    return { type: 'answer', commandId, sequence, status, messageId };
  }
  if (commandId !== commandIds.deliver_sm) return { type: 'request', commandId, sequence };
  const delivered = readDeliver(bytes);
  return delivered === null ? { type: 'malformed', commandId, sequence } : { type: 'deliver', sequence, ...delivered };
}

/** Section 4.6.1; null: a field goes over the end. */
function readDeliver(bytes: Buffer): { readonly esmClass: number; readonly receipt: ReceiptSource } | null {
  let at = cStringAt(bytes, headerOctets).end;
  at = cStringAt(bytes, at + 2).end;
  at = cStringAt(bytes, at + 2).end;
  const esmClass = bytes[at];
  at = cStringAt(bytes, at + 3).end;
  at = cStringAt(bytes, at).end;
  const [dataCoding, length] = [bytes[at + 2], bytes[at + 4]];
  const textAt = at + 5;
  if (esmClass === undefined || dataCoding === undefined || length === undefined) return null;
  if (textAt + length > bytes.length) return null;
  const parameters = readParameters(bytes, textAt + length);
  if (parameters === null) return null;
  const message = length > 0 ? bytes.subarray(textAt, textAt + length) : (parameters.get(0x0424) ?? Buffer.alloc(0));
  const id = parameters.get(0x001e);
  return {
    esmClass,
    receipt: {
      text: receiptText(message, dataCoding),
      receiptedMessageId: id === undefined ? null : id.toString('latin1').replace(/\0[\s\S]*$/, ''),
      messageState: parameters.get(0x0427)?.[0] ?? null,
    },
  };
}

/**
 * A receipt's text is ASCII, whatever alphabet the carrier calls it: what it writes as an underscore in an id must not be read as the GSM alphabet's section
 * sign. A few write it in UCS-2, and many end it with a NUL as if it were a C string: that is a blank, not a part of the last word.
 */
function receiptText(message: Buffer, dataCoding: number): string {
  const isWide = (dataCoding & 0x0c) === 8 && message.length % 2 === 0;
  const text = isWide ? Buffer.from(message).swap16().toString('utf16le') : message.toString('latin1');
  return text.replaceAll('\0', ' ');
}

/** Section 5.3: tag, length, value. The first of each tag; null: one goes over the end. */
function readParameters(bytes: Buffer, from: number): Map<number, Buffer> | null {
  const parameters = new Map<number, Buffer>();
  for (let at = from; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null;
    const tag = bytes.readUInt16BE(at);
    const end = at + 4 + bytes.readUInt16BE(at + 2);
    if (end > bytes.length) return null;
    if (!parameters.has(tag)) parameters.set(tag, bytes.subarray(at + 4, end));
    at = end;
  }
  return parameters;
}

/** Up to the 0, or to the end where it lacks one. */
function cStringAt(bytes: Buffer, at: number): { readonly text: string; readonly end: number } {
  const zero = at < bytes.length ? bytes.indexOf(0, at) : -1;
  const end = zero === -1 ? bytes.length : zero;
  return { text: bytes.toString('latin1', Math.min(at, end), end), end: end + 1 };
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'latin1');
}

/** Sections 5.3.2.22 to 24. */
function sarParameters({ reference, total, place }: { reference: number; total: number; place: number }): Buffer {
  return Buffer.from([0x02, 0x0c, 0, 2, 0, reference, 0x02, 0x0e, 0, 1, total, 0x02, 0x0f, 0, 1, place]);
}

function pdu(commandId: number, status: number, sequence: number, body: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(headerOctets), ...body]);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(commandId, 4);
  bytes.writeUInt32BE(status, 8);
  bytes.writeUInt32BE(sequence, 12);
  return bytes;
}
