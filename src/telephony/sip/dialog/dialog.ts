import type { Hop } from '../endpoint-types.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { isLooseRoute, parseSipUri } from '../message/sip-uri.ts';
import { hopOf } from '../transport/hop.ts';

/** The number of our latest request. All dialogs of one call (early, forked, confirmed) count together. */
export type SequenceCounter = { value: number };

/** What both sides of a dialog know of it (RFC 3261 section 12). Wire text. */
export type DialogParts = {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From of our requests, with our tag. */
  readonly local: string;
  /** To of our requests, with their tag. */
  readonly remote: string;
  /** Route values in the order we use them. */
  readonly routeSet: readonly string[];
  readonly remoteTarget: string;
  readonly localSequence: SequenceCounter;
  /** null: they have sent no request yet. */
  readonly remoteSequence: number | null;
  /** Where the message that made the dialog came from: used when the target's host is a name. */
  readonly source: Hop;
};

/** Request-URI and Route headers of a request in a dialog, and where it goes first. */
export type DialogRouting = {
  readonly uri: string;
  readonly routes: readonly string[];
  readonly hop: Hop;
};

/** Dialog state: sequence numbers, route set, remote target. */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: string;
  readonly remote: string;
  readonly #routeSet: readonly string[];
  readonly #source: Hop;
  #routing: DialogRouting;
  readonly #localSequence: SequenceCounter;
  #remoteSequence: number | null;

  constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.local = parts.local;
    this.remote = parts.remote;
    this.#routeSet = parts.routeSet;
    this.#source = parts.source;
    this.#localSequence = parts.localSequence;
    this.#remoteSequence = parts.remoteSequence;
    this.#routing = route(parts.remoteTarget, parts.routeSet, parts.source);
  }

  get routing(): DialogRouting {
    return this.#routing;
  }

  /** The number of our next request (section 12.2.1.1). */
  nextSequence(): number {
    return ++this.#localSequence.value;
  }

  /** Whether a request of theirs comes in order (section 12.2.2); takes note of its number. */
  acceptSequence(number: number): boolean {
    if (this.#remoteSequence !== null && number <= this.#remoteSequence) return false;
    this.#remoteSequence = number;
    return true;
  }

  get remoteSequence(): number | null {
    return this.#remoteSequence;
  }

  /** This dialog was early before (section 13.2.2.4): the count of their requests goes on; null: they had sent none. */
  continueAfter(remoteSequence: number | null): void {
    this.#remoteSequence = remoteSequence;
  }

  /** A target refresh (sections 12.2.1.2 and 12.2.2): re-INVITE, UPDATE and their 2xx carry a Contact. */
  refreshTarget(message: SipMessage): void {
    const target = contactUri(message);
    if (target !== null) this.#routing = route(target, this.#routeSet, this.#source);
  }
}

/** What a dialog takes from the INVITE that we sent. */
export type DialogRequestParts = {
  readonly callId: string;
  readonly from: string;
  readonly uri: string;
  readonly localTag: string;
  readonly sequence: SequenceCounter;
};

/** The dialog that a response to our INVITE makes (section 12.1.2). */
export function dialogOfResponse(response: SipMessage, request: DialogRequestParts, source: Hop): Dialog {
  return new Dialog({
    callId: request.callId,
    localTag: request.localTag,
    remoteTag: response.toTag ?? '',
    local: request.from,
    remote: response.header('to') ?? '',
    routeSet: response.list('record-route').reverse(),
    remoteTarget: contactUri(response) ?? request.uri,
    localSequence: request.sequence,
    remoteSequence: null,
    source,
  });
}

/** The dialog that our 2xx to their INVITE makes (section 12.1.1). */
export function dialogOfRequest(request: SipMessage, localTag: string, source: Hop): Dialog {
  return new Dialog({
    callId: request.callId,
    localTag,
    remoteTag: request.fromTag ?? '',
    local: `${request.header('to') ?? ''};tag=${localTag}`,
    remote: request.header('from') ?? '',
    routeSet: request.list('record-route'),
    remoteTarget: contactUri(request) ?? parseNameAddr(request.header('from') ?? '')?.uri ?? request.uri,
    localSequence: { value: 0 },
    remoteSequence: request.cseq?.number ?? null,
    source,
  });
}

function contactUri(message: SipMessage): string | null {
  const contact = message.list('contact')[0];
  const uri = contact === undefined ? undefined : parseNameAddr(contact)?.uri;
  return uri !== undefined && parseSipUri(uri) !== null ? uri : null;
}

/** Section 12.2.1.1: loose routers stay in the Route header; a strict one is put into the Request-URI, and the target goes last. */
function route(target: string, routeSet: readonly string[], source: Hop): DialogRouting {
  const firstRoute = routeSet[0];
  const firstUri = firstRoute === undefined ? null : (parseNameAddr(firstRoute)?.uri ?? null);
  if (firstUri === null) return { uri: target, routes: [], hop: hopOf(target, source) };
  const hop = hopOf(firstUri, source);
  if (isLooseRoute(firstUri)) return { uri: target, routes: routeSet, hop };
  return { uri: firstUri, routes: [...routeSet.slice(1), `<${target}>`], hop };
}
