import type { IdFormat } from './provider-id.ts';
import type { Concatenation, SmppCharset } from './segments.ts';

/** How a carrier's SMPP server is spoken to. */
export type SmppSettings = {
  readonly host: string;
  readonly port: number;
  /** null: TCP without TLS. */
  readonly tls: SmppTls | null;
  readonly systemId: string;
  readonly password: string;
  /** Most carriers want it empty. */
  readonly systemType: string;
  /** One connection for both directions, or two: a transmitter and a receiver. */
  readonly bindMode: 'transceiver' | 'pair';
  /** Connections (or pairs of them) at once. */
  readonly binds: number;
  /** Messages without an answer on one connection, at most. */
  readonly window: number;
  readonly charset: SmppCharset;
  readonly concatenation: Concatenation;
  readonly idFormat: IdFormat;
  /** What the clock of the carrier's receipts is ahead of UTC, minutes; null: nobody knows. */
  readonly receiptUtcOffsetMin: number | null;
  /** Whether receipts are asked for. */
  readonly wantsReceipts: boolean;
  /** null: as the sender looks. */
  readonly sourceTon: number | null;
  readonly sourceNpi: number | null;
  readonly destinationTon: number;
  readonly destinationNpi: number;
  /** Silence after which the far side is asked whether it is there, s. */
  readonly enquireLinkS: number;
  /** What an answer may take, s. */
  readonly responseTimeoutS: number;
};

export type SmppTls = {
  /** Whether the certificate must be for the host and signed by somebody we trust. */
  readonly isVerified: boolean;
  /** PEM; null: whom the system trusts. */
  readonly caCertificates: string | null;
};

/** What holds where a channel says nothing. Host, port, system id and password it must say. */
export const smppDefaults = {
  tls: null,
  systemType: '',
  bindMode: 'transceiver',
  binds: 1,
  window: 10,
  charset: 'gsm7',
  concatenation: 'udh',
  idFormat: 'same',
  receiptUtcOffsetMin: null,
  wantsReceipts: true,
  sourceTon: null,
  sourceNpi: null,
  destinationTon: 1,
  destinationNpi: 1,
  enquireLinkS: 30,
  responseTimeoutS: 30,
} as const satisfies Partial<SmppSettings>;

/** Settings as a channel has them. */
export type GivenSmppSettings = Omit<SmppSettings, keyof typeof smppDefaults> & Partial<SmppSettings>;

/** All settings. What a channel was given before a setting existed has its default, too. */
export function completeSmppSettings(given: GivenSmppSettings): SmppSettings {
  return { ...smppDefaults, ...given };
}
