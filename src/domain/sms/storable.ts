import type { SmsReceipt, SmsSendResult } from '../../sms/sms-transport.ts';

/** SMPP gives a message's name 64 octets (3.4 section 5.2.23), the dialect 19 digits; an index of PostgreSQL could take 2,700. */
const longestName = 255;
const longestWords = 300;

/** The years that a channel may name. A date of PostgreSQL reaches further, but not as far as one of JavaScript. */
const firstDate = Date.UTC(2000, 0);
const lastDate = Date.UTC(2100, 0);

/**
 * A channel's words as they can be stored: without NUL, cut to their place. What it says is written many at a time, and one that PostgreSQL refuses would hold up
 * the others for ever.
 */
export function storableWords(words: string): string {
  return words.replaceAll('\0', '').slice(0, longestWords).toWellFormed();
}

/** The same for what came of a message. */
export function storableResult(result: SmsSendResult): SmsSendResult {
  switch (result.type) {
    case 'accepted':
      return { ...result, providerIds: result.providerIds.map(storableName) };
    case 'refused':
      return { ...result, code: wordsOrNull(result.code), reason: storableWords(result.reason) };
    case 'unknown':
      return { ...result, reason: storableWords(result.reason), providerIds: result.providerIds.map(storableName) };
  }
}

/** The same for a receipt: its name is changed as that of its message was. */
export function storableReceipt({ providerId, state, doneAt, code }: SmsReceipt): SmsReceipt {
  const isSensible = doneAt !== null && doneAt.getTime() >= firstDate && doneAt.getTime() < lastDate;
  return { providerId: storableName(providerId), state, doneAt: isSensible ? doneAt : null, code: wordsOrNull(code) };
}

function storableName(name: string): string {
  return name.replaceAll('\0', '').slice(0, longestName).toWellFormed();
}

function wordsOrNull(words: string | null): string | null {
  return words === null ? null : storableWords(words);
}
