import { type CSeq, parseCSeq } from './cseq.ts';
import { endOfFirstValue, splitValues } from './header-values.ts';
import { tagOf } from './name-addr.ts';
import { branchOf, parseVia, type Via } from './via.ts';

/** What a parsed message is made of; text is wire text. */
export type MessageParts = {
  /** '' for a response. */
  readonly method: string;
  readonly uri: string;
  /** 0 for a request. */
  readonly status: number;
  readonly reason: string;
  /** Canonical names; `values[i]` belongs to `names[i]`. */
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly body: string;
};

/** A received message. Headers are cut out once; what is inside them is read when somebody asks. All text is wire text. */
export class SipMessage {
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  readonly #names: readonly string[];
  readonly #values: readonly string[];
  #cseq: CSeq | null | undefined = undefined;
  #via: Via | null | undefined = undefined;

  constructor(parts: MessageParts) {
    this.method = parts.method;
    this.uri = parts.uri;
    this.status = parts.status;
    this.reason = parts.reason;
    this.body = parts.body;
    this.#names = parts.names;
    this.#values = parts.values;
  }

  get isRequest(): boolean {
    return this.status === 0;
  }

  /** The first header of that name (lower case, long form), null when absent. */
  header(name: string): string | null {
    const at = this.#names.indexOf(name);
    return at === -1 ? null : (this.#values[at] ?? null);
  }

  /** Whether there is more than one line of that name. */
  isRepeated(name: string): boolean {
    const at = this.#names.indexOf(name);
    return at !== -1 && this.#names.indexOf(name, at + 1) !== -1;
  }

  /** Every line of that name, as it stands. */
  lines(name: string): string[] {
    const found: string[] = [];
    for (let at = this.#names.indexOf(name); at !== -1; at = this.#names.indexOf(name, at + 1)) {
      found.push(this.#values[at] ?? '');
    }
    return found;
  }

  /** Every value of a header that may hold several, over all its lines. */
  list(name: string): string[] {
    const lines = this.lines(name);
    return lines.length === 0 ? lines : lines.flatMap(splitValues);
  }

  /** Whether a list header holds a token, whatever its case. */
  hasToken(name: string, token: string): boolean {
    return this.list(name).some((value) => value.toLowerCase() === token);
  }

  get callId(): string {
    return this.header('call-id') ?? '';
  }

  get fromTag(): string | null {
    return tagOf(this.header('from') ?? '');
  }

  get toTag(): string | null {
    return tagOf(this.header('to') ?? '');
  }

  get cseq(): CSeq | null {
    if (this.#cseq === undefined) this.#cseq = parseCSeq(this.header('cseq') ?? '');
    return this.#cseq;
  }

  /** The topmost Via. */
  get via(): Via | null {
    if (this.#via === undefined) this.#via = parseVia(this.header('via') ?? '');
    return this.#via;
  }

  /** Whether there is a Via below the topmost. */
  get hasFurtherVias(): boolean {
    const first = this.header('via') ?? '';
    return this.isRepeated('via') || endOfFirstValue(first, 0) < first.length;
  }

  /** The topmost Via's branch, read alone. */
  get branch(): string | null {
    return branchOf(this.header('via') ?? '');
  }
}
