import type { CallMachine } from './call-machine.ts';
import type { DtmfMode } from './dtmf-mode.ts';
import type { EarlyTone } from './early-tone.ts';
import type { LegMediaStats } from './leg-media-stats.ts';
import type { LegRecording } from './leg-recording.ts';
import type { CallTrace } from './trace.ts';

/**
 * The port between what a call is (dialer, script) and how it is carried (embedded SIP and RTP, later Asterisk).
 *
 * Ownership: the caller of `dial` owns the {@link Leg} until `ended` was observed; after `ended` nothing more is observed and every
 * method is a no-op. The engine owns sockets, dialogs and media, and never outlives `close`.
 */
export interface CallEngine {
  /** How many legs could begin now. `dial` beyond that ends with `internal-error`. */
  readonly room: number;
  /** Starts an outgoing call. Never throws for anything the network or the far side does: that ends as an `ended` event. */
  dial(request: DialRequest, observer: LegObserver): Leg;
  /**
   * Says which trunks there are, again and again: their servers are found and kept known, also of those that nobody calls over now, so that a first call
   * need not wait for DNS and a trunk's own requests are known to be its.
   */
  expectTrunks(trunks: readonly TrunkTarget[]): void;
  /** Makes a prompt playable, once per prompt and process; resolves when every media thread can play it. */
  loadPrompt(prompt: PromptAudio): Promise<void>;
  /** Forgets a loaded prompt. Legs that are playing it go on to their end. */
  unloadPrompt(promptKey: string): void;
  /**
   * Asks a trunk whether it is there (OPTIONS), all its servers at the same time. Resolves to the SIP status of the first one that is, else to another one's;
   * null when nothing came back in time.
   */
  probe(trunk: TrunkTarget, signal: AbortSignal): Promise<number | null>;
  /**
   * Looks at how a trunk can be reached: where its name leads, and what each server there says to an OPTIONS of its own. For people who set a trunk up;
   * calls and probes know less and cost less. Never rejects; an abort ends it with what is known then.
   */
  examine(trunk: TrunkTarget, signal: AbortSignal): Promise<TrunkExamination>;
  /**
   * Registers with a trunk and keeps registered until the registration is closed. One at a time for each `trunkId`. While it stands, calls over the trunk
   * take the way that the registrar named.
   */
  register(request: TrunkRegisterRequest, observer: TrunkRegistrationObserver): TrunkRegistration;
  /** Hangs up what is left, takes registrations back, frees sockets and threads. */
  close(): Promise<void>;
}

/** How SIP reaches a trunk. */
export type SipTransport = 'udp' | 'tcp' | 'tls';

/** A trunk as the engine needs it. Where a number or a caller id is meant, it is as it goes on the wire. */
export type TrunkTarget = {
  readonly trunkId: number;
  /** Host name or address: the domain of the Request-URI. */
  readonly host: string;
  /** null: found by DNS (RFC 3263); where DNS or an address says nothing, 5060, or 5061 for TLS. */
  readonly port: number | null;
  /** null: what DNS says, else UDP. */
  readonly transport: SipTransport | null;
  /** A SIP URI that every request goes through first; null: none. */
  readonly outboundProxy: string | null;
  /** The user of our address of record, and the digest user unless `authUsername` says another. */
  readonly username: string | null;
  readonly authUsername: string | null;
  readonly password: string | null;
  /** Codec names in order of preference. */
  readonly codecs: readonly CodecName[];
  readonly tls: TrunkTls;
  /** sdes: SRTP with keys in the SDP (RFC 4568) is offered, and nothing else is taken. */
  readonly mediaEncryption: 'none' | 'sdes';
  /** How keys travel, both ways. */
  readonly dtmf: DtmfMode;
  /** late: the INVITE has no session description, the far side offers in its 2xx. */
  readonly offer: 'early' | 'late';
  /** The session interval that is asked for, seconds (RFC 4028); null: none. */
  readonly sessionExpiresS: number | null;
  /** How many other addresses a redirected call (3xx) may try in all; 0: none. */
  readonly maxRedirects: number;
  /** Who we are in From: the account, or the number that is shown. */
  readonly fromUser: 'username' | 'caller_id';
  /** The domain of From; null: the trunk's host for an account, else our own address. */
  readonly fromDomain: string | null;
  /** The header that asserts the number shown: P-Asserted-Identity (RFC 3325), Remote-Party-ID, or none. */
  readonly identity: 'none' | 'p_asserted' | 'remote_party';
  /** Hide the number from the callee (RFC 3323): anonymous From, `Privacy: id`. */
  readonly isPrivate: boolean;
  /** Further headers of each INVITE, in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** What was seen of a trunk. */
export type TrunkExamination = {
  /** Why there is nobody to ask; null: `servers` were. */
  readonly problem: string | null;
  /** In the order in which a call would try them; a trunk of more has the first of them here. */
  readonly servers: readonly ExaminedServer[];
};

export type ExaminedServer = {
  readonly address: string;
  readonly port: number;
  readonly transport: SipTransport;
  /** The name that its certificate must carry; null: it is not asked over TLS. */
  readonly tlsServerName: string | null;
  /** The SIP status of its answer; null: none came. */
  readonly status: number | null;
  /** The reason phrase, or why no answer came. */
  readonly reason: string;
  readonly roundTripMs: number | null;
  /** Our own address (`host:port`) as the server sees it, where that is another than we say: behind a NAT its requests may not reach us. */
  readonly seenAddress: string | null;
};

/** TLS towards a trunk. Certificates and keys are PEM text. */
export type TrunkTls = {
  /** Whom to trust; null: whom the system trusts. */
  readonly caCertificates: string | null;
  /** Our own certificate and its key, where the trunk asks for one. */
  readonly certificate: string | null;
  readonly privateKey: string | null;
  /** The name that the trunk's certificate must carry; null: the host. */
  readonly serverName: string | null;
  /** Whether the certificate is checked at all. */
  readonly isVerified: boolean;
};

/** By their names in SDP. */
export type CodecName = 'PCMA' | 'PCMU' | 'G722' | 'opus';

export type DialRequest = {
  /** The Call-ID's local part, the same for the same (task, seq, attempt). */
  readonly sipCallId: string;
  readonly trunk: TrunkTarget;
  /** The number to dial, digits only. */
  readonly number: string;
  /** The caller id to show; null: anonymous. */
  readonly displayNum: string | null;
  /** After this long without an answer the leg is cancelled and ends with cause `ring-timeout`. */
  readonly ringTimeoutMs: number;
  /**
   * Listens for whether a person or a machine answers, and before the answer for tones that say why there will be none. Absent: nobody listens, which costs
   * nothing.
   */
  readonly detectsMachine?: boolean;
  /** Takes down what happens on the wire; null or absent: the call is not traced. */
  readonly trace?: CallTrace | null;
};

export type TrunkRegisterRequest = {
  readonly trunk: TrunkTarget;
  /** How long is asked for, seconds; the registrar decides. */
  readonly expiresS: number;
};

/** How a registration stands. */
export type TrunkRegistrationStatus = {
  /** registering: a first try is under way, or another after `reason`. failed: not registered, the next try waits. unregistered: taken back. */
  readonly state: 'registering' | 'registered' | 'failed' | 'unregistered';
  /** When it lapses unless it is refreshed, ms since the epoch; null: it is none. */
  readonly expiresAt: number | null;
  /** When the next REGISTER goes out, ms since the epoch; null: one is under way, or there will be none. */
  readonly nextTryAt: number | null;
  /** What came of the last try, e.g. `403 Forbidden from sip.carrier.example`; null: success, or none has ended. */
  readonly reason: string | null;
};

/** Told whenever something changed, on the dialer's main thread. Must not throw. */
export type TrunkRegistrationObserver = (status: TrunkRegistrationStatus) => void;

export interface TrunkRegistration {
  /** Takes it back; waits for the registrar's answer, but not for long. Nothing is observed any more. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** Audio to be encoded by the engine for whatever codec a leg negotiates. */
export type PromptAudio = {
  readonly promptKey: string;
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  readonly sampleRate: number;
};

/** One party's side of a call. All methods return at once; what comes of them is observed. */
export interface Leg {
  /** Plays a loaded prompt `loopCount` times, without a gap; observed as `play-ended`. One at a time; a second call replaces the first. */
  play(promptKey: string, loopCount: number): void;
  stopPlay(): void;
  /**
   * Sends keys `0-9 * # A-D` one after another, 100 ms each and 60 ms apart, as the trunk's `dtmf` says and the far side agreed. What plays waits meanwhile, other than with
   * INFO. After the answer only; where there is no way to send them, nothing is sent, and the call's trace says so. Throws when a character is no key.
   */
  sendDigits(digits: string): void;
  /**
   * Records both sides of an answered leg from now to its end into a WAV file: the callee on the left, what the callee hears from us on the right, 16 bit, on one time line. While it is made the file
   * has `.part` behind its name. Once; resolves some moments after the leg's end, or when the recording was given up; never rejects.
   */
  record(file: string): Promise<LegRecording>;
  /** CANCEL before the answer, BYE after it; ends with cause `local-hangup`. Idempotent. */
  hangUp(): void;
}

/** How a key was heard: as an event (RFC 4733), by SIP INFO, or by its tones in the audio. */
export type DigitSource = 'rfc4733' | 'sip-info' | 'in-band';

/** Receives a leg's events in the order they happened, on the dialer's main thread. Must not throw. */
export type LegObserver = (event: LegEvent) => void;

export type LegEvent =
  /** The first provisional response above 100. `sipStatus` is 180 to 189. */
  | { readonly type: 'ringing'; readonly sipStatus: number; readonly hasEarlyMedia: boolean }
  | { readonly type: 'answered' }
  /** The first RTP packet from the far side after the answer. */
  | { readonly type: 'media-started' }
  | { readonly type: 'digit'; readonly digit: string; readonly source: DigitSource }
  /**
   * Who answered, as far as was heard; observed when it is known, within 2.5 s if anything is heard at all, and once more where what was taken for a person turns out
   * to be a machine. `hasMailbox`: a machine that may record a message.
   */
  | { readonly type: 'answerer'; readonly result: CallMachine['result']; readonly hasMailbox: boolean }
  /** The machine's greeting is over and it records from now on, as far as was heard. */
  | { readonly type: 'machine-records'; readonly after: 'beep' | 'silence' }
  | { readonly type: 'play-ended'; readonly promptKey: string; readonly isComplete: boolean }
  | { readonly type: 'ended'; readonly end: LegEnd };

/** What the far side said about the end beyond the SIP status. */
export type FarEndWords = {
  /** The ITU-T Q.850 cause of its refusal or hang-up, 1 to 127; null: none. */
  readonly q850Cause: number | null;
  /** Its own words beside that cause; null: none. */
  readonly endReason: string | null;
  /** Seconds for which it does not want to be asked again (Retry-After), at most a day; null: it did not say. */
  readonly retryAfterS: number | null;
};

export const noFarEndWords: FarEndWords = { q850Cause: null, endReason: null, retryAfterS: null };

/** Why a leg ended, as a value. `hasRung` and `isAnswered` are facts of the whole leg. */
export type LegEnd = FarEndWords & {
  readonly cause:
    | 'rejected' /** a final response of 300 or more */
    | 'ring-timeout' /** our CANCEL after `ringTimeoutMs` */
    | 'local-hangup' /** `hangUp()` */
    | 'remote-hangup' /** BYE from the far side */
    | 'no-response' /** the far side never answered at all, or not finally; or, after the answer, was no longer there */
    | 'transport-error' /** the network refused (ICMP unreachable, no route, unresolvable host) */
    | 'media-failed' /** the answer had no usable media */
    | 'engine-closed' /** the process is stopping */
    | 'internal-error';
  readonly hasRung: boolean;
  readonly isAnswered: boolean;
  /** The final SIP status of the INVITE; null when none came. */
  readonly sipStatus: number | null;
  /** A short text: the reason phrase, or our own words. */
  readonly reason: string;
  /** Media quality of an answered leg; null when there was no media. */
  readonly media: LegMediaStats | null;
  /** Who answered; null when nobody asked, nobody answered, or it was over before that was known. */
  readonly machine: CallMachine | null;
  /** What the network said before the answer; null: nothing, or nobody listened. */
  readonly earlyTone: EarlyTone | null;
};

/** What is heard of an end by those who did not see it, and of a leg without an answer. */
export const nothingHeard: Pick<LegEnd, 'media' | 'machine' | 'earlyTone'> = {
  media: null,
  machine: null,
  earlyTone: null,
};
