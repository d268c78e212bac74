/** A SIP peer of a carrier. */
export type Trunk = {
  readonly trunkId: number;
  readonly name: string;
  /** Host name or address. */
  readonly host: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string | null;
  /** New calls a second. */
  readonly maxCps: number;
  /** Calls at once. */
  readonly maxChannels: number;
  /** In order of preference. */
  readonly codecs: readonly TrunkCodec[];
  /** Shown when a task has no displayNum; empty: the username, else anonymous. */
  readonly callerIds: readonly string[];
  /** Number prefixes served; empty: all. */
  readonly prefixes: readonly string[];
  /** Lower is tried first. */
  readonly priority: number;
  /** The share among equal priorities. */
  readonly weight: number;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type TrunkCodec = 'PCMA' | 'PCMU';

type TrunkSettings = Omit<Trunk, 'trunkId' | 'createdAt' | 'updatedAt'>;

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
