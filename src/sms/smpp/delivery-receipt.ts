import { type IdFormat, idFromReceipt } from './provider-id.ts';

/** What a deliver_sm carries that a receipt may be read from. */
export type ReceiptSource = {
  /** The message's text; '' where everything stands in parameters. */
  readonly text: string;
  /** Parameter `receipted_message_id`. */
  readonly receiptedMessageId: string | null;
  /** Parameter `message_state`. */
  readonly messageState: number | null;
};

export type ReceiptReading = {
  readonly idFormat: IdFormat;
  /** What the carrier's clock is ahead of UTC, minutes: the dates of receipts carry no zone. null: nobody knows, so they are not read. */
  readonly utcOffsetMin: number | null;
};

export type DeliveryReceipt = {
  readonly providerId: string;
  /** `pending`: on its way; there will be another receipt. `unsaid`: the carrier does not know what became of it, and says so, or in words that we do not know. */
  readonly state: 'delivered' | 'failed' | 'pending' | 'unsaid';
  readonly doneAt: Date | null;
  /** The carrier's word and code, e.g. `UNDELIV 069`; null: it is delivered, or neither was there. */
  readonly code: string | null;
};

/** SMPP 3.4 table 5-6 and appendix B, and what carriers write for them. */
const statesByWord: Readonly<Record<string, DeliveryReceipt['state']>> = {
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  EXPIRED: 'failed',
  DELETED: 'failed',
  UNDELIV: 'failed',
  UNDELIVERABLE: 'failed',
  UNDELIVERED: 'failed',
  REJECTD: 'failed',
  REJECTED: 'failed',
  FAILED: 'failed',
  SKIPPED: 'failed',
  ENROUTE: 'pending',
  ACCEPTD: 'pending',
  ACCEPTED: 'pending',
  BUFFERED: 'pending',
  SCHEDULED: 'pending',
  UNKNOWN: 'unsaid',
};

/** SMPP 3.4 section 5.2.28, and two of SMPP 5. */
const wordsByState: readonly (string | undefined)[] = [
  'SCHEDULED',
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
  'SKIPPED',
];

/**
 * Reads a delivery receipt: the parameters where they are given, else the text of SMPP 3.4 appendix B, which no two carriers write alike: any order and case,
 * fields missing. null: it does not say which message it is for, or nothing about it.
 */
export function readReceipt(source: ReceiptSource, { idFormat, utcOffsetMin }: ReceiptReading): DeliveryReceipt | null {
  // The beginning of the message comes last, and may look like anything.
  const text = source.text.replace(/\btext:[\s\S]*$/i, '');
  const field = (name: string): string | null =>
    new RegExp(`\\b${name}:\\s*([^\\s:]+)(?=\\s|$)`, 'i').exec(text)?.[1] ?? null;
  const idInText = field('id');
  // A parameter holds the id as it was given to us; it is the text that some carriers convert.
  const providerId =
    source.receiptedMessageId?.trim() || (idInText === null ? null : idFromReceipt(idInText, idFormat));
  const word = (wordsByState[source.messageState ?? -1] ?? field('stat(?:e|us)?'))?.toUpperCase();
  if (providerId === null || word === undefined) return null;
  const state = statesByWord[word] ?? 'unsaid';
  const error = field('err');
  return {
    providerId,
    state,
    doneAt: utcOffsetMin === null ? null : dateOf(field('done\\s*date'), utcOffsetMin),
    code: state === 'delivered' ? null : [word, error].filter((part) => part !== null && !/^0+$/.test(part)).join(' '),
  };
}

/** `YYMMDDhhmm`, with seconds, or with the century, too. */
function dateOf(digits: string | null, utcOffsetMin: number): Date | null {
  const found = /^(20)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(digits ?? '');
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(2)
    .map((part) => Number(part ?? 0));
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  return isReal ? new Date(Date.UTC(2000 + year, month - 1, day, hour, minute - utcOffsetMin, second)) : null;
}
