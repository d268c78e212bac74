/** A CSeq value (RFC 3261 section 20.16). */
export type CSeq = { readonly number: number; readonly method: string };

/** Reads `<number> <METHOD>`; null when it is not that, or the number does not fit 32 bits. */
export function parseCSeq(value: string): CSeq | null {
  let at = 0;
  let number = 0;
  for (; at < value.length; at++) {
    const digit = value.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
    if (number > 0xffffffff) return null;
  }
  if (at === 0) return null;
  const methodStart = at;
  while (at < value.length && (value.charCodeAt(at) === 0x20 || value.charCodeAt(at) === 0x09)) at++;
  if (at === methodStart || at === value.length) return null;
  const method = value.slice(at);
  return isToken(method) ? { number, method } : null;
}

const tokenMarks = "-.!%*_+`'~";

/** Whether text is a token (RFC 3261 section 25.1), such as a method or a header name. */
export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isAlphanumeric =
      (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
    if (!isAlphanumeric && !tokenMarks.includes(text.charAt(at))) return false;
  }
  return text.length > 0;
}
