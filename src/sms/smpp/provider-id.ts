/**
 * How a carrier writes the same message's id in its answer to submit_sm and in the receipt. Some write one in hexadecimal and the other in decimal: the words
 * say answer-to-receipt.
 */
export type IdFormat = 'same' | 'hex-to-dec' | 'dec-to-hex';

/** The id of an answer, in the form that is kept. */
export function idFromAnswer(id: string, format: IdFormat): string {
  const trimmed = id.trim();
  if (format === 'same') return trimmed;
  return toDecimal(trimmed, format === 'hex-to-dec' ? 16 : 10);
}

/** The id in a receipt's text, in the same form. */
export function idFromReceipt(id: string, format: IdFormat): string {
  const trimmed = id.trim();
  if (format === 'same') return trimmed;
  return toDecimal(trimmed, format === 'hex-to-dec' ? 10 : 16);
}

/** Without leading zeros. What is no number of that base stays as it is. */
function toDecimal(id: string, base: 10 | 16): string {
  const digits = base === 16 ? id.replace(/^0x/i, '') : id;
  const isNumber = base === 16 ? /^[0-9a-f]{1,64}$/i.test(digits) : /^\d{1,64}$/.test(digits);
  return isNumber ? BigInt(base === 16 ? `0x${digits}` : digits).toString() : id;
}
