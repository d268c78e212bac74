/**
 * Wire text: a string with one character per byte (latin1). Messages are read, kept and written in this form, so that what is echoed
 * back (Via, From, Call-ID) is byte for byte what came in, and offsets in text are offsets in the datagram. It is turned into real
 * text (UTF-8, RFC 3261 section 7) only where it leaves the library.
 */

const plain = /^[\x20-\x7e]*$/;
const ascii = /^[\t\r\n\x20-\x7e]*$/;

/** Real text to one header value on the wire. Line breaks become spaces, so that no caller can smuggle a header in. */
export function toWireValue(text: string): string {
  if (plain.test(text)) return text;
  return Buffer.from(text.replace(/[\r\n\0]+/g, ' '), 'utf8').toString('latin1');
}

/** Real text to a body on the wire. */
export function toWireBody(text: string): string {
  if (ascii.test(text)) return text;
  return Buffer.from(text, 'utf8').toString('latin1');
}

/**
 * The same text on its own. A piece cut out of a text keeps the whole of it in memory; what is kept for long is detached from its
 * datagram, or a stranger's kilobytes of padding stay with it.
 */
export function detached(wire: string): string {
  return Buffer.from(wire, 'latin1').toString('latin1');
}

/** Wire text to real text. */
export function fromWire(wire: string): string {
  if (ascii.test(wire)) return wire;
  return Buffer.from(wire, 'latin1').toString('utf8');
}
