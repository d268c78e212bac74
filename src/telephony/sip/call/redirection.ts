import { messageOf } from '../../../lib/errors.ts';
import type { Hop, InviteOptions } from '../endpoint-types.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { parseSipUri } from '../message/sip-uri.ts';
import { fromWire, toWireValue } from '../message/wire-text.ts';
import { isSameHost } from '../transport/ip-address.ts';
import { type RedirectTarget, RedirectTargets } from './redirect-targets.ts';

/**
 * Where an outgoing call goes when it is redirected (RFC 3261 section 8.1.3.4): keeps the target set, and turns a target into what the INVITE to it
 * is to be like. Three things are held to, whatever a Contact says:
 *
 * - What was asked over TLS is asked over TLS.
 * - With proxies in its way (`routes`) the call still passes them: they are asked, for another address.
 * - Who is not of the call's own domain, or at an address of it, is a stranger. A stranger gets no credentials, also not for a challenge of its own,
 *   and none of the further headers: they are between us and whom we called.
 */
export class Redirection {
  readonly #options: InviteOptions;
  readonly #targets: RedirectTargets;
  #isRedirected = false;

  constructor(options: InviteOptions) {
    this.#options = options;
    this.#targets = new RedirectTargets(toWireValue(options.targetUri), options.redirection?.maxTargets ?? 0);
  }

  /** Whether there is a target that was not tried. */
  get hasNext(): boolean {
    return this.#targets.hasNext;
  }

  /**
   * Takes in a final refusal; whether another target is to be tried. After a redirection that is so for whatever says nothing of the callee: who is busy
   * (486), was taken back (487) or refuses everywhere (6xx) was found.
   */
  takes(response: SipMessage): boolean {
    const { status } = response;
    this.#targets.take(response);
    const isCallees = status === 486 || status === 487 || status >= 600;
    return (status < 400 || (this.#isRedirected && !isCallees)) && this.#targets.hasNext;
  }

  /** The INVITE to the next target that leads somewhere; null: none is left that does. */
  async next(): Promise<InviteOptions | null> {
    for (let target = this.#targets.next(); target !== null; target = this.#targets.next()) {
      const options = await this.#invitation(target);
      if (options === null) continue;
      this.#isRedirected = true;
      return options;
    }
    return null;
  }

  async #invitation(target: RedirectTarget): Promise<InviteOptions | null> {
    const { routes = [], hops: ownHops } = this.#options;
    const hops = routes.length > 0 && !target.isProxy ? ownHops : await this.#locate(target.next);
    if (hops.length === 0) return null;
    const invitation = {
      ...this.#options,
      targetUri: fromWire(target.uri),
      hops,
      routes: target.isProxy ? [`<${fromWire(looseRoute(target.next))}>`] : routes,
    };
    return this.#isOwn(target.next, hops) ? invitation : { ...invitation, credentials: null, headers: [] };
  }

  /** Empty: nowhere that may be asked. */
  async #locate(uri: string): Promise<readonly Hop[]> {
    const { redirection, hops, tap } = this.#options;
    const isEncrypted = hops.every((hop) => hop.transport === 'tls');
    try {
      const found = (await redirection?.locate(fromWire(uri))) ?? [];
      return found.filter((hop) => !isEncrypted || hop.transport === 'tls');
    } catch (error) {
      tap?.ignored(`redirected to where nobody is: ${messageOf(error)}`);
      return [];
    }
  }

  #isOwn(uri: string, hops: readonly Hop[]): boolean {
    const host = parseSipUri(uri)?.host ?? '';
    const own = parseSipUri(toWireValue(this.#options.targetUri))?.host ?? '';
    if (isSameHost(host, own)) return true;
    const addresses = new Set(this.#options.hops.map((hop) => hop.address));
    return (this.#options.routes ?? []).length === 0 && hops.every((hop) => addresses.has(hop.address));
  }
}

/** RFC 3261 section 19.1.1: else the proxy would take the Route for the way of RFC 2543. */
function looseRoute(uri: string): string {
  return /;lr(?:[;=]|$)/i.test(uri) ? uri : `${uri};lr`;
}
