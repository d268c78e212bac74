import type { SmsChannelSettings } from '../../sms/channel-settings.ts';

/** A way out for SMS, as the operator has set it up. */
export type SmsChannel = {
  readonly smsChannelId: number;
  readonly name: string;
  /** What its kind needs, secrets included. */
  readonly settings: SmsChannelSettings;
  /** The sender of messages that name none; null: what the channel shows by itself. */
  readonly senderId: string | null;
  /** Messages a second. */
  readonly maxTps: number;
  /** How long a message may wait to be taken, s. */
  readonly validityS: number;
  /** false: messages wait, until their validity ends. */
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};

export type NewSmsChannel = Pick<SmsChannel, 'name' | 'settings'> &
  Partial<Pick<SmsChannel, 'senderId' | 'maxTps' | 'validityS' | 'isEnabled'>>;

/** What is left out stays as it is; the kind always does. */
export type SmsChannelChange = Partial<Omit<NewSmsChannel, 'settings'>> & {
  readonly settings?: Readonly<Record<string, unknown>>;
};

/** How a channel does, as its holder sees it, and what waits for it. */
export type SmsChannelStatus = {
  readonly smsChannelId: number;
  readonly name: string;
  readonly isEnabled: boolean;
  /** `idle`: no process uses it. */
  readonly state: 'idle' | 'connecting' | 'up' | 'down';
  /** Why it is not up; null: it is. */
  readonly reason: string | null;
  readonly stateAt: Date | null;
  /** The process that uses it; null: none. */
  readonly holderId: string | null;
  /** Messages whose time has come and that wait for the channel. */
  readonly queueLength: number;
  readonly oldestDueAt: Date | null;
  /** Handed to the channel, and without its answer. */
  readonly sendingCount: number;
  /** Parts that were accepted and have no receipt yet. */
  readonly awaitedReceipts: number;
};
