import type { OutgoingSms, SmsSendResult } from '../sms-transport.ts';
import type { PartReferences } from './part-references.ts';
import type { SubmitFields } from './pdu.ts';
import { concatenationHeader, segmentsOf } from './segments.ts';
import { senderAddress } from './sender-address.ts';
import type { SmppSettings } from './smpp-settings.ts';

/** SMPP 3.4 section 5.2.12: the text begins with a user data header. */
const udhIndicator = 0x40;

/** SMPP 3.4 section 5.2.17: a receipt for success and for failure. */
const receiptWanted = 1;

/** SMPP 3.4 section 4.4.1: `destination_addr` has room for 20. */
const maxDestinationLength = 20;

/** A message as it goes out, part by part, or why it cannot. */
export type Prepared =
  | { readonly type: 'parts'; readonly parts: readonly SubmitFields[] }
  | { readonly type: 'refused'; readonly result: SmsSendResult };

/** Makes the submit_sm of every part of a message. */
export function prepareMessage(message: OutgoingSms, settings: SmppSettings, references: PartReferences): Prepared {
  const { charset, concatenation, sourceTon, sourceNpi, destinationTon, destinationNpi, wantsReceipts } = settings;
  const source = senderAddress(message.from, { ton: sourceTon, npi: sourceNpi });
  if (source === null) return refuse('the sender does not fit SMPP: at most 20 characters of ASCII');
  if (message.to.length > maxDestinationLength) return refuse('the number does not fit SMPP: at most 20 digits');
  const segments = segmentsOf(message.text, charset, concatenation);
  if (segments === null) return refuse('the text does not fit 255 parts');
  const { parts, dataCoding } = segments;
  const total = parts.length;
  const isLong = total > 1;
  const reference = isLong ? references.next(message.to) : 0;
  const hasHeader = isLong && concatenation === 'udh';
  const fields = {
    source,
    destination: { ton: destinationTon, npi: destinationNpi, address: message.to },
    esmClass: hasHeader ? udhIndicator : 0,
    registeredDelivery: wantsReceipts ? receiptWanted : 0,
    dataCoding,
  };
  return {
    type: 'parts',
    parts: parts.map((part, index) => {
      const place = index + 1;
      return {
        ...fields,
        shortMessage: hasHeader ? Buffer.concat([concatenationHeader(reference, total, place), part]) : part,
        sar: isLong && concatenation === 'sar' ? { reference, total, place } : null,
      };
    }),
  };
}

function refuse(reason: string): Prepared {
  return { type: 'refused', result: { type: 'refused', isFinal: true, code: null, reason, retryAfterMs: null } };
}
