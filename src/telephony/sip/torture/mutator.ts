import type { Random } from '../../../lib/random.ts';

/** What breaks parsers: separators, quotes, brackets, line ends, numbers that don't fit, bytes that are no text. */
const pieces: readonly string[] = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\r\n ',
    '\t',
    ' ',
    '\0',
    '\u0080',
    '\u00ff',
    '"',
    '\\',
    '\\"',
    '<',
    '>',
    '<<>',
    ',',
    ',,',
  ],
  ...[
    ';',
    ';;',
    '=',
    ':',
    '::',
    '@',
    '?',
    '%',
    '%00',
    '[',
    ']',
    '[::1]',
    '/',
    '*',
    '(',
    '{',
    '-1',
    '0',
    '65536',
    '4294967296',
  ],
  ...[
    '99999999999999999999',
    '\r\nVia: ',
    '\r\nv:',
    '\r\nContent-Length: 5',
    '\r\nTo: <sip:x@y>',
    ';tag=',
    ';branch=z9hG4bK',
  ],
  ...[
    ';rport',
    ';received=',
    'SIP/2.0',
    'sip:',
    'sips:',
    'tel:',
    'INVITE',
    'ACK',
    'CANCEL',
    'BYE',
    'SIP/2.0 200 OK\r\n',
  ],
];

/** Changes messages at random, the same way for the same generator. Text with one character per byte. */
export class Mutator {
  readonly #random: Random;
  readonly #corpus: readonly string[];
  /** No result is longer; what is longer is cut. */
  readonly #maxLength: number;

  constructor(random: Random, corpus: readonly string[], maxLength: number) {
    this.#random = random;
    this.#corpus = corpus;
    this.#maxLength = maxLength;
  }

  next(): string {
    let text = this.#pick(this.#corpus);
    for (let count = 1 + this.#below(4); count > 0; count--) text = this.#change(text);
    return text.slice(0, this.#maxLength);
  }

  #change(text: string): string {
    const at = this.#below(text.length + 1);
    const end = Math.min(text.length, at + this.#below(40));
    const head = text.slice(0, at);
    switch (this.#below(9)) {
      case 0:
        return head + String.fromCharCode(this.#below(256)) + text.slice(at + 1);
      case 1:
        return head + this.#pick(pieces) + text.slice(at);
      case 2:
        return head + text.slice(end);
      case 3:
        return text.slice(0, end) + text.slice(at);
      case 4:
        return head + this.#pick(this.#corpus).slice(this.#below(400));
      case 5:
        return head + this.#pick(pieces).repeat(this.#length()) + text.slice(at);
      case 6:
        return this.#swapLines(text);
      case 7:
        return head;
      default:
        return head + this.#pick(pieces) + text.slice(end);
    }
  }

  #swapLines(text: string): string {
    const lines = text.split('\r\n');
    const one = this.#below(lines.length);
    const other = this.#below(lines.length);
    const kept = lines[one] ?? '';
    lines[one] = lines[other] ?? '';
    lines[other] = kept;
    return lines.join('\r\n');
  }

  /** Mostly short; now and then enough to fill the largest datagram. */
  #length(): number {
    return this.#below(200) === 0 ? this.#maxLength : this.#below(60);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.float() * limit);
  }

  #pick(list: readonly string[]): string {
    return list[this.#below(list.length)] ?? '';
  }
}
