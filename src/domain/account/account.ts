import type { SpeechProvider } from '../../speech/synthesizer.ts';
import type { Locale } from '../error/request-error.ts';

/** A tenant. */
export type Account = {
  readonly accountId: number;
  readonly name: string;
  /** 8 characters; sent by the client as `Api-Key`. */
  readonly apiKey: string;
  /** Readable, because `Sign` is an MD5 over it (contract 1.2). */
  readonly apiSecret: string;
  /** IANA name; times without a zone are in it (contract 15.10). */
  readonly timeZone: string;
  /** The language of error messages. */
  readonly language: Locale;
  /** Addresses and networks in CIDR notation that may call; empty: any. */
  readonly ipAllowList: readonly string[];
  /** Calls at once over all tasks; null: unlimited. */
  readonly maxConcurrency: number | null;
  /** How long recordings of its calls are kept, 1 to 3650. */
  readonly recordingDays: number;
  /** Who speaks its texts. */
  readonly speechProvider: SpeechProvider;
  /** What its calls cost; null: nothing. */
  readonly rateTableId: number | null;
  /** Whether a number without a rate is refused (-26) instead of called for nothing. */
  readonly requiresRate: boolean;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

/** What an operator says of a new account; what is left out gets the default. */
export type NewAccount = {
  readonly name: string;
  readonly timeZone?: string;
  readonly language?: Locale;
  readonly ipAllowList?: readonly string[];
  readonly maxConcurrency?: number | null;
  readonly recordingDays?: number;
  /** Default: espeak. */
  readonly speechProvider?: SpeechProvider;
  readonly rateTableId?: number | null;
  readonly requiresRate?: boolean;
  /** Given only to move an existing client here with its key; otherwise both are generated. */
  readonly credentials?: { readonly apiKey: string; readonly apiSecret: string };
};

export type AccountChange = Partial<Omit<NewAccount, 'credentials'>> & { readonly isEnabled?: boolean };
