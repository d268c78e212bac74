import { assert } from '../../../lib/errors.ts';
import type { Hop } from '../endpoint-types.ts';
import { readRetryAfter } from '../message/end-cause.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { HopHealth } from './hop-health.ts';

/**
 * The way of one request through the hops of its server (RFC 3263 section 4.3): one after the other, until one answers. What happens on
 * the way is remembered for the requests of others.
 */
export class HopTrail {
  readonly #hops: readonly Hop[];
  readonly #health: HopHealth;
  #hop: Hop;
  #index = 0;
  #isHeard = false;

  /** `hops`: in order of preference; at least one. */
  constructor(hops: readonly Hop[], health: HopHealth) {
    this.#hops = health.order(hops);
    this.#health = health;
    const [first] = this.#hops;
    assert(first !== undefined, 'a request to nowhere');
    this.#hop = first;
    this.#setOut();
  }

  /** Where the request goes now. */
  get hop(): Hop {
    return this.#hop;
  }

  get hasNext(): boolean {
    return this.#index + 1 < this.#hops.length;
  }

  /** Takes note of any response from the current hop. Whether the hop failed by it: 503 says that the server, not the request, is the matter. */
  isFailedBy(response: SipMessage): boolean {
    if (response.status === 503) {
      this.#health.failed(this.#hop, readRetryAfter(response));
      return true;
    }
    if (!this.#isHeard) this.#health.heard(this.#hop);
    this.#isHeard = true;
    return false;
  }

  /** Takes note that the request could not be sent, or got no answer. */
  failed(): void {
    this.#health.failed(this.#hop, null);
  }

  /** Goes on to the next hop; false: that was the last one. */
  advance(): boolean {
    const next = this.#hops[this.#index + 1];
    if (next === undefined) return false;
    this.#index += 1;
    this.#hop = next;
    this.#isHeard = false;
    this.#setOut();
    return true;
  }

  #setOut(): void {
    if (this.#hops.length > 1) this.#health.asked(this.#hop);
  }
}
