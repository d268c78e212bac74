/**
 * What the SIP library offers to those above it: an endpoint that makes and takes calls. Everything below (messages, transactions,
 * dialogs, transport) is its own business.
 */

/** An IP address and port. */
export type SocketAddress = { readonly address: string; readonly port: number };

export type SipTransport = 'udp' | 'tcp' | 'tls';

/** How we show ourselves over TLS, and whom we believe. Connections are shared by those whose profiles say the same. */
export type TlsProfile = {
  /** PEM, one or more; null: the system's. */
  readonly caCertificates: string | null;
  /** PEM, shown when the far side asks for it; null: none. */
  readonly certificate: string | null;
  /** PEM; null: none. */
  readonly privateKey: string | null;
  /** Whether the far side's certificate and name are checked. */
  readonly isVerified: boolean;
};

/** Whom we expect at the other end of a TLS connection. */
export type TlsTarget = {
  /** The name that its certificate must show (RFC 5922), also sent as SNI. */
  readonly serverName: string;
  readonly profile: TlsProfile;
};

/** Where a message goes next, and how. */
export type Hop = SocketAddress & {
  readonly transport: SipTransport;
  /** Set where `transport` is `tls`, null else. */
  readonly tls: TlsTarget | null;
};

export type Credentials = { readonly username: string; readonly password: string };

export type SessionDescription = string;

export type InviteOptions = {
  /**
   * Where the request is sent, in order of preference; at least one. The next one is tried when one cannot be reached, does not answer or
   * answers 503, and nobody's phone can have rung by it. Those that failed other requests lately are tried last.
   */
  readonly hops: readonly Hop[];
  /** Request-URI and To, e.g. `sip:8613800000000@10.0.0.1:5060`. */
  readonly targetUri: string;
  /** From, e.g. `"name" <sip:1008@host>`, without a tag. */
  readonly from: string;
  /** The whole Call-ID. */
  readonly sipCallId: string;
  /** null: a late offer: the far side makes it, in a reliable provisional response or in the 2xx, and gets an `offer` event. */
  readonly offer: SessionDescription | null;
  readonly credentials: Credentials | null;
  /** Whole Route values, in order, e.g. `<sip:proxy.example;lr>`: the proxies that the INVITE must pass; the hops lead to the first. None unless given. */
  readonly routes?: readonly string[];
  /** Absent: a redirection ends the call. */
  readonly redirection?: RedirectionOptions;
  /** Further headers, in order, e.g. P-Asserted-Identity. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The session timer that is asked for (RFC 4028), seconds from 90; absent: none, but the far side's wish for one is granted. */
  readonly sessionExpiresS?: number;
  /** Sees the call's messages; absent: nobody does. */
  readonly tap?: MessageTap;
};

/** What a call does when it is redirected (a 3xx before anything rang). */
export type RedirectionOptions = {
  /** How many other addresses it may try in all. */
  readonly maxTargets: number;
  /** Where a SIP URI leads, best first; rejects when nowhere. */
  readonly locate: (uri: string) => Promise<readonly Hop[]>;
};

/** Sees what one call says on the wire. Called while the message is worked on: must be quick and must not throw. */
export interface MessageTap {
  message(message: TappedMessage): void;
  /** The message before changed nothing, and why. */
  ignored(reason: string): void;
  /** A hop did not answer, or refused so that the next one is asked (RFC 3263 section 4.3). */
  movedOn(from: Hop): void;
}

/** A message as it went over the wire, repetitions included, with its secrets replaced (see `maskSecrets`). */
export type TappedMessage = {
  readonly direction: 'sent' | 'received';
  readonly transport: SipTransport;
  /** Where others reach us; over TCP and TLS our port may have been another one. */
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Wire text. */
  readonly text: string;
};

/** Our address as a peer sees it, where that is another than we say: a NAT lies between, or the public address is set wrong. */
export type SeenAddress = {
  readonly peer: string;
  readonly transport: SipTransport;
  /** What we say, and what it sees. */
  readonly own: SocketAddress;
  readonly seen: SocketAddress;
};

/** What an endpoint has sent and received since it was made, and what it holds now. */
export type SipFigures = {
  /** TCP and TLS connections that are open or being made. */
  readonly connections: number;
  /** Connections of strangers, and those over a limit. */
  readonly connectionsRefused: number;
  readonly seenAddresses: readonly SeenAddress[];
  /** Messages, over whatever they came. */
  readonly datagramsReceived: number;
  /** Not SIP, not for anybody, or over a limit. */
  readonly datagramsDropped: number;
  /** In transactions of their own: without ACKs to 2xx and without repetitions. */
  readonly requestsSent: number;
  readonly requestsRetransmitted: number;
  readonly responsesRetransmitted: number;
  readonly activeCalls: number;
  /** Including those that only wait for late repetitions. */
  readonly transactions: number;
};

/** What happens to an outgoing call. Must not throw. */
export type OutgoingCallObserver = (event: OutgoingCallEvent) => void;

export type OutgoingCallEvent =
  | { readonly type: 'trying' }
  /** A provisional response above 100; `sdp` when it carried one. */
  | {
      readonly type: 'provisional';
      readonly status: number;
      readonly reason: string;
      readonly sdp: SessionDescription | null;
    }
  /** The first 2xx; further forks are ACKed and BYEd inside. `sdp`: what its fork said last, also in an earlier response or UPDATE. */
  | { readonly type: 'answered'; readonly status: number; readonly sdp: SessionDescription | null }
  /** A digit by SIP INFO (application/dtmf-relay or application/dtmf). */
  | { readonly type: 'info-digit'; readonly digit: string }
  /**
   * The far side's offer: the first one of a call whose INVITE had none (before `answered`), else a re-INVITE's or UPDATE's. Answer with SDP, or
   * null to take none of it: 488, or an answer without streams where the protocol knows no refusal.
   */
  | {
      readonly type: 'offer';
      readonly sdp: SessionDescription;
      readonly answer: (sdp: SessionDescription | null) => void;
    }
  /** The far side's answer to an offer that the library repeated for it (a re-INVITE without an offer, a session refresh). */
  | { readonly type: 'reanswer'; readonly sdp: SessionDescription }
  | { readonly type: 'ended'; readonly end: OutgoingCallEnd };

export type OutgoingCallEnd = {
  readonly cause:
    | 'rejected' /** final status >= 300 (after digest was tried); also 487 after our cancel: then `isCancelled` */
    | 'timeout' /** timer B, or no final response after CANCEL within 64*T1 */
    | 'transport-error'
    | 'remote-bye'
    | 'local-bye'
    | 'lost' /** answered, and then the far side was no longer there: 481, 408 or nothing to a request of ours, no session refresh, no ACK */
    | 'closed';
  /** The final status of the INVITE, null when none came. */
  readonly status: number | null;
  readonly reason: string;
  /** The ITU-T Q.850 cause of the far side's refusal or BYE (RFC 3326, RFC 6432), 1 to 127; null: it gave none. */
  readonly q850Cause: number | null;
  /** Its own words for it, from the same header; null: none. */
  readonly causeText: string | null;
  /** Retry-After of the refusal, seconds, at most a day; null: none. */
  readonly retryAfterS: number | null;
  /** Whether `cancel`/`hangUp` asked for this before the answer. */
  readonly isCancelled: boolean;
};

export interface OutgoingCall {
  readonly sipCallId: string;
  /** Before the answer: CANCEL (held back until a provisional response, RFC 3261 9.1; a 2xx that crosses it is ACKed and BYEd). After: BYE. Idempotent. */
  hangUp(): void;
  /** Sends an INFO with one digit (application/dtmf-relay). */
  sendInfoDigit(digit: string, durationMs: number): void;
}

/** A call that somebody makes to this endpoint. */
export interface IncomingCall {
  readonly sipCallId: string;
  readonly requestUri: string;
  readonly from: string;
  readonly to: string;
  /** Where the INVITE came from. */
  readonly remote: Hop;
  readonly offer: SessionDescription | null;
  /** A header of the INVITE, by lower-case name; null: absent. */
  header(name: string): string | null;
  provisional(status: number, reason: string, sdp?: SessionDescription): void;
  answer(sdp: SessionDescription): void;
  reject(status: number, reason: string, headers?: readonly (readonly [string, string])[]): void;
  /** BYE, after the answer. */
  hangUp(): void;
  sendInfoDigit(digit: string, durationMs: number): void;
  /** Called once for each: the caller's CANCEL before the answer; the ACK; the call's end after the answer (either side's BYE, or no ACK in time). */
  observe(observer: (event: IncomingCallEvent) => void): void;
}

export type IncomingCallEvent =
  | { readonly type: 'cancelled' }
  /** `sdp`: the caller's answer, after an INVITE without an offer. */
  | { readonly type: 'acknowledged'; readonly sdp: SessionDescription | null }
  | { readonly type: 'info-digit'; readonly digit: string }
  | { readonly type: 'ended'; readonly cause: 'remote-bye' | 'local-bye' | 'no-ack' | 'closed' };

export type RegisterOptions = {
  /** Request-URI: the registrar's domain, e.g. `sip:carrier.example`. */
  readonly registrarUri: string;
  /** To and From: who can be reached here, e.g. `sip:1008@carrier.example`. */
  readonly addressOfRecord: string;
  /**
   * Where to send it, best first; asked before each REGISTER, because a registration outlives what DNS says. The hop that answered last is kept to
   * while it is among them. Rejects when nothing is found: that is a failed try, with the error's message for its reason.
   */
  readonly locate: () => Promise<readonly Hop[]>;
  /** Whole Route values, in order: the outbound proxy. */
  readonly routes: readonly string[];
  /** The user part of our Contact. */
  readonly contactUser: string;
  /** Further URIs that we are to be reached at, e.g. over the other address family or from outside; all of them stand and fall together. */
  readonly furtherContacts: readonly string[];
  readonly credentials: Credentials | null;
  /** What is asked for, s. The registrar decides. */
  readonly expiresS: number;
  /** Who we are over all connections and restarts (RFC 5626 section 4.1), a URN; null: the registrar isn't asked to reach us by the connection. */
  readonly instanceId: string | null;
};

/** How a registration stands. */
export type RegistrationStatus = {
  /** registering: for the first time, or again after `reason`. failed: not registered; the next try waits. unregistered: taken back. */
  readonly state: 'registering' | 'registered' | 'failed' | 'unregistered';
  /** When the binding lapses unless it is refreshed, ms since the epoch; null: there is none. */
  readonly expiresAt: number | null;
  /** When the next REGISTER goes out, ms since the epoch; null: one is under way, or there will be none. */
  readonly nextTryAt: number | null;
  /** Why the last try came to nothing, e.g. `403 Forbidden`; null: it did not. Also while the binding still stands. */
  readonly reason: string | null;
  /** Whole Route values that requests of ours must take (RFC 3608); empty: none, or not registered. */
  readonly serviceRoute: readonly string[];
};

/** Told whenever something changed. Must not throw. */
export type RegistrationObserver = (status: RegistrationStatus) => void;

/** Keeps us registered until it is closed. */
export interface Registration {
  readonly status: RegistrationStatus;
  /** Takes our contacts back, and only ours, with a REGISTER of Expires 0; waits for the answer, up to `graceMs`. Idempotent. */
  close(graceMs: number): Promise<void>;
}

/** Who is asked by OPTIONS: a Request-URI, and whole Route values on the way there, in order. */
export type OptionsTarget = { readonly uri: string; readonly routes: readonly string[] };

/** What came of OPTIONS. `status` null: no answer, and `reason` says why; else the reason phrase. */
export type OptionsAnswer = { readonly status: number | null; readonly reason: string };

export interface SipEndpoint {
  /** The bound address. */
  readonly local: SocketAddress;
  /** The address that those beyond a hop reach us at. */
  addressFor(hop: Hop): SocketAddress;
  /** Our address as a peer (by its IP address) sees it, where that is another than we say; null: it is not, or the peer has not answered anything yet. */
  seenBy(peer: string): SocketAddress | null;
  invite(options: InviteOptions, observer: OutgoingCallObserver): OutgoingCall;
  /**
   * Sends OPTIONS outside a dialog, to the next hop where one fails; resolves to the final status, null on timeout, transport error or
   * abort. It is the hop that is asked, unless `target` names another one behind it.
   */
  options(hops: readonly Hop[], signal: AbortSignal, target?: OptionsTarget): Promise<number | null>;
  /** The same to one hop, with all that is known of the answer, or of why there is none. */
  examine(hop: Hop, signal: AbortSignal, target?: OptionsTarget): Promise<OptionsAnswer>;
  /** Registers with a registrar, and keeps registered until the registration or the endpoint is closed. */
  register(options: RegisterOptions, observer: RegistrationObserver): Registration;
  /** Incoming INVITEs; without a handler they are refused with 403. One handler. */
  onInvite(handler: (call: IncomingCall) => void): void;
  /** Ends every call (CANCEL, BYE) and every registration, waits up to `graceMs` for the answers, then closes the socket. */
  close(graceMs: number): Promise<void>;
}

/** An endpoint that tells what it did; what `createSipEndpoint` makes. */
export interface MeasuredSipEndpoint extends SipEndpoint {
  figures(): SipFigures;
}
