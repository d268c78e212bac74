import type { GivenSmppSettings } from './smpp/smpp-settings.ts';

/** Keeps what it gets: for trials, and for whoever wants to see what would be sent. */
export type OutboxSettings = { readonly kind: 'outbox' };

/** Another platform that speaks the dialect's SMS endpoints (docs/sms-dialect.md), this one included. */
export type HttpSettings = {
  readonly kind: 'http';
  /** What `/sendSms` and `/getReport` follow, without a slash at its end, e.g. `https://api.example.com/v3`. */
  readonly baseUrl: string;
  /** The SMS application there. */
  readonly appId: string;
  readonly apiKey: string;
  /** Secret. */
  readonly apiSecret: string;
  /** How long an answer may take, ms. What was written by then is `unknown`. */
  readonly timeoutMs: number;
  /** How often the platform is asked what became of messages, ms. */
  readonly pollMs: number;
};

/** A carrier's SMPP server. */
export type SmppChannelSettings = { readonly kind: 'smpp' } & GivenSmppSettings;

/** Everything that opening a channel takes. */
export type SmsChannelSettings = OutboxSettings | HttpSettings | SmppChannelSettings;

/** The settings that are secret, by kind: kept apart, written and never shown. */
export const secretSettings: { readonly [K in SmsChannelSettings['kind']]: readonly string[] } = {
  outbox: [],
  http: ['apiSecret'],
  smpp: ['password'],
};
