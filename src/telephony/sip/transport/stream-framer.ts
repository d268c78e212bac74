import { canonicalHeaderName } from '../message/header-names.ts';

/** What the bytes of a stream are made of. */
export type StreamPart =
  | { readonly type: 'message'; readonly message: Buffer }
  /** A line break between messages: half of a ping, or a pong (RFC 5626 section 4.4.1). */
  | { readonly type: 'line-break' }
  /** Where the next message begins cannot be known any more. The last part there is. */
  | { readonly type: 'broken'; readonly reason: string };

export type FramerLimits = {
  /** Bytes of the start line and the headers together. */
  readonly maxHeaderBytes: number;
  readonly maxBodyBytes: number;
};

export const defaultFramerLimits: FramerLimits = { maxHeaderBytes: 16_384, maxBodyBytes: 65_536 };

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Cuts a stream into messages (RFC 3261 section 18.3): headers up to the empty line, then as many bytes as Content-Length says, which must be there.
 * Holds no more than one message that is not complete; bytes are looked at once, however they come in pieces.
 */
export class StreamFramer {
  readonly #limits: FramerLimits;
  #pieces: Buffer[] = [];
  #length = 0;
  /** Of the message that has begun; null: its headers are not complete. */
  #messageLength: number | null = null;
  /** Whether a line feed was the latest, and whether a carriage return has followed it: what an empty line is told by. */
  #ending: 'none' | 'feed' | 'feed-return' = 'none';
  /** Between messages: a carriage return that waits for its line feed. */
  #hasReturn = false;
  #isBroken = false;

  constructor(limits: FramerLimits = defaultFramerLimits) {
    this.#limits = limits;
  }

  /** Whether a message has begun and is not complete. */
  get isWithinMessage(): boolean {
    return this.#length > 0;
  }

  /** Takes what came, and returns what is complete. The parts may share memory with `bytes`. */
  push(bytes: Buffer): StreamPart[] {
    const parts: StreamPart[] = [];
    let at = 0;
    while (at < bytes.length && !this.#isBroken) {
      if (this.#length === 0) {
        at = this.#skipLineBreaks(bytes, at, parts);
        if (at === bytes.length) break;
      }
      at = this.#messageLength === null ? this.#takeHeaders(bytes, at, parts) : this.#takeBody(bytes, at, parts);
    }
    return parts;
  }

  /** Section 7.5: line breaks before a start line are nothing of its message. */
  #skipLineBreaks(bytes: Buffer, start: number, parts: StreamPart[]): number {
    let at = start;
    for (; at < bytes.length; at++) {
      const code = bytes[at];
      if (code === lineFeed) parts.push({ type: 'line-break' });
      else if (code !== carriageReturn || this.#hasReturn) break;
      this.#hasReturn = code === carriageReturn;
    }
    if (at < bytes.length) this.#hasReturn = false;
    return at;
  }

  #takeHeaders(bytes: Buffer, start: number, parts: StreamPart[]): number {
    const room = Math.min(bytes.length, start + this.#limits.maxHeaderBytes - this.#length);
    const end = this.#endOfHeaders(bytes, start, room);
    this.#keep(bytes.subarray(start, end === -1 ? room : end));
    if (end === -1) {
      if (this.#length >= this.#limits.maxHeaderBytes) this.#break('headers without an end', parts);
      return room;
    }
    const bodyLength = contentLengthOf(Buffer.concat(this.#pieces).toString('latin1'));
    if (bodyLength === null) this.#break('no Content-Length that can be read', parts);
    else if (bodyLength > this.#limits.maxBodyBytes) this.#break(`a body of ${bodyLength} bytes`, parts);
    else {
      this.#messageLength = this.#length + bodyLength;
      if (bodyLength === 0) this.#finish(parts);
    }
    return end;
  }

  /** Just after the empty line, -1 when there is none before `room`. A lone line feed ends a line too, as in `parseMessage`. */
  #endOfHeaders(bytes: Buffer, start: number, room: number): number {
    for (let at = start; at < room; at++) {
      const code = bytes[at];
      if (code === lineFeed) {
        if (this.#ending !== 'none') return at + 1;
        this.#ending = 'feed';
      } else {
        this.#ending = code === carriageReturn && this.#ending === 'feed' ? 'feed-return' : 'none';
      }
    }
    return -1;
  }

  #takeBody(bytes: Buffer, start: number, parts: StreamPart[]): number {
    const missing = (this.#messageLength ?? 0) - this.#length;
    const end = Math.min(bytes.length, start + missing);
    this.#keep(bytes.subarray(start, end));
    if (this.#length === this.#messageLength) this.#finish(parts);
    return end;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  #finish(parts: StreamPart[]): void {
    const [only] = this.#pieces;
    const message = this.#pieces.length === 1 && only !== undefined ? only : Buffer.concat(this.#pieces);
    parts.push({ type: 'message', message });
    this.#reset();
  }

  #break(reason: string, parts: StreamPart[]): void {
    parts.push({ type: 'broken', reason });
    this.#reset();
    this.#isBroken = true;
  }

  #reset(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#messageLength = null;
    this.#ending = 'none';
  }
}

/** The one length that the headers state; null: none, two that differ, or no number. */
function contentLengthOf(headers: string): number | null {
  let found: string | null = null;
  // A folded line goes on with the value before it (section 7.3.1).
  for (const line of headers.replace(/\r?\n[ \t]/g, ' ').split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 1 || canonicalHeaderName(line.slice(0, colon).trimEnd()) !== 'content-length') continue;
    const value = line.slice(colon + 1).trim();
    if (!/^\d{1,10}$/.test(value) || (found !== null && found !== value)) return null;
    found = value;
  }
  return found === null ? null : Number(found);
}
