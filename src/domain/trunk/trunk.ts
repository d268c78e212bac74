import type { DtmfMode } from '../../call/dtmf-mode.ts';
/** A SIP peer of a carrier. */
export type Trunk = {
  readonly trunkId: number;
  readonly name: string;
  /** Host name or address. */
  readonly host: string;
  /** null: found by DNS (RFC 3263), else the transport's own. */
  readonly port: number | null;
  /** null: what DNS says, else UDP. */
  readonly transport: TrunkTransport | null;
  /** A SIP URI that every request goes through first; null: none. */
  readonly outboundProxy: string | null;
  readonly username: string | null;
  /** The digest user where it is not `username`. */
  readonly authUsername: string | null;
  readonly password: string | null;
  /** Whether we register there; no calls while we are not registered. */
  readonly registers: boolean;
  /** Seconds that a registration is asked for. */
  readonly registerExpiresS: number;
  /** PEM; null: the certificates that the system trusts. */
  readonly tlsCaCertificates: string | null;
  /** Our own certificate (PEM), and its key. */
  readonly tlsCertificate: string | null;
  readonly tlsPrivateKey: string | null;
  /** The name that the trunk's certificate must carry; null: the host. */
  readonly tlsServerName: string | null;
  readonly tlsIsVerified: boolean;
  readonly mediaEncryption: 'none' | 'sdes';
  /** How keys travel; see {@link DtmfMode}. */
  readonly dtmf: DtmfMode;
  readonly offer: 'early' | 'late';
  /** Seconds (RFC 4028); null: no session timer is asked for. */
  readonly sessionExpiresS: number | null;
  /** Other addresses that a redirected call may try in all; 0: none. */
  readonly maxRedirects: number;
  /** Cut off the number, where it starts with it; then `addPrefix` is put in front, and a plus before it all if `hasPlus`. */
  readonly stripPrefix: string;
  readonly addPrefix: string;
  readonly hasPlus: boolean;
  /** New calls a second. */
  readonly maxCps: number;
  /** Calls at once. */
  readonly maxChannels: number;
  /** In order of preference. */
  readonly codecs: readonly TrunkCodec[];
  /** Shown when a task has no displayNum; empty: the username, else anonymous. */
  readonly callerIds: readonly string[];
  /** fixed: the first; round_robin: one after the other; by_callee: the same for the same callee, also on each recall. */
  readonly callerIdChoice: CallerIdChoice;
  readonly callerIdHasPlus: boolean;
  /** Who we are in From: the account, or the number that is shown. */
  readonly fromUser: 'username' | 'caller_id';
  /** null: the trunk's host for an account, else our own address. */
  readonly fromDomain: string | null;
  readonly identity: 'none' | 'p_asserted' | 'remote_party';
  /** Hide the number from the callee (RFC 3323). */
  readonly isPrivate: boolean;
  /** Further headers of each INVITE, in order. */
  readonly headers: readonly TrunkHeader[];
  /** Number prefixes served; empty: all. */
  readonly prefixes: readonly string[];
  /** Lower is tried first. */
  readonly priority: number;
  /** The share among equal priorities. */
  readonly weight: number;
  /** Seconds between two OPTIONS; 0: only when calls fail. */
  readonly optionsIntervalS: number;
  /** Failures in a row that open the circuit. */
  readonly breakerFailures: number;
  /** Their share of the calls of the last while that opens it, per cent. */
  readonly breakerFailurePercent: number;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export const trunkCodecs = ['PCMA', 'PCMU', 'G722', 'opus'] as const;
export type TrunkCodec = (typeof trunkCodecs)[number];

export type TrunkTransport = 'udp' | 'tcp' | 'tls';

export type CallerIdChoice = 'fixed' | 'round_robin' | 'by_callee';

export type TrunkHeader = readonly [name: string, value: string];

/** What an operator sets. */
export type TrunkSettings = Omit<Trunk, 'trunkId' | 'createdAt' | 'updatedAt'>;

/** What is left out gets the table's default. */
export type NewTrunk = Pick<TrunkSettings, 'name' | 'host'> & Partial<TrunkSettings>;

export type TrunkChange = Partial<TrunkSettings>;

/** A trunk's circuit as the live dialer processes see it. */
export type TrunkHealth = {
  readonly trunkId: number;
  /** `down` only when no process sees it up; `unknown`: no live dialer has reported. */
  readonly state: 'up' | 'down' | 'probing' | 'unknown';
  /** Why it is not up; null: it is. */
  readonly reason: string | null;
  /** Channels in use over all processes. */
  readonly activeCalls: number;
  /** The last report; null: none. */
  readonly updatedAt: Date | null;
};
