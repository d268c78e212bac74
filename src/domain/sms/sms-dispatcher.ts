import type { Db } from '../../db/tables.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { type LeasedChannel, leaseChannels, releaseChannels, smsChannelsChannel } from './channel-lease.ts';
import { ChannelWorker, type ChannelWorkerOptions } from './channel-worker.ts';
import { smsQueueChannel } from './follow-calls.ts';
import { doubtClosed } from './in-doubt.ts';

export type SmsDispatcherOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly open: ChannelWorkerOptions['open'];
  /** LISTEN, see `Database`. */
  readonly listen: (channel: string, handler: () => void) => Promise<() => Promise<void>>;
  readonly timing?: SmsTiming;
};

/** How long a channel stays with a process that says nothing, ms. All processes of an installation use the same. */
export type SmsTiming = { readonly leaseMs: number; readonly renewMs: number };

export const defaultSmsTiming: SmsTiming = { leaseMs: 15_000, renewMs: 3000 };

/** After a channel was taken, the next one is looked for this soon, ms: others look, too. */
const takeAgainMs = 200;
/** How long a channel's last results may take when it is closed because of a change, ms. */
const closeLimitMs = 10_000;

/**
 * Sends SMS, in an api process. Each channel is used by one process at a time, by a lease in its row: an account with a carrier is allowed a number of connections. The
 * holder renews it; when it does not, another one takes the channel over, and what was being sent is in doubt. A process begins nothing when its lease is about to end,
 * by its own monotonic clock from before it asked.
 */
export class SmsDispatcher {
  readonly #options: SmsDispatcherOptions;
  readonly #timing: SmsTiming;
  readonly #workers = new Map<number, ChannelWorker>();
  /** Those that are being closed: the channel is opened anew when that is done. */
  readonly #closing = new Map<number, Promise<void>>();
  #heldUntil = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #round: Promise<void> | null = null;
  #isClosed = false;
  #unlisten: (() => Promise<void>)[] = [];

  constructor(options: SmsDispatcherOptions) {
    this.#options = options;
    this.#timing = options.timing ?? defaultSmsTiming;
  }

  async start(): Promise<void> {
    const { listen } = this.#options;
    const wakeAll = (): void => {
      for (const worker of this.#workers.values()) worker.wake();
    };
    this.#unlisten = [await listen(smsQueueChannel, wakeAll), await listen(smsChannelsChannel, () => this.#look())];
    this.#look();
  }

  /** Hands nothing over any more and gives the channels back; what is under way is waited for until the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await Promise.all(this.#unlisten.map((stop) => stop()));
    await this.#round;
    const ids = [...this.#workers.keys()];
    await Promise.all([...this.#workers.values()].map((worker) => worker.close(signal)));
    await Promise.all(this.#closing.values());
    this.#workers.clear();
    await releaseChannels(this.#options.db, this.#options.processId, ids);
  }

  /** Looks after the channels now. */
  #look(): void {
    if (this.#isClosed) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#round !== null) {
      // Something changed while it was looked at.
      void this.#round.then(() => this.#look());
      return;
    }
    this.#round = this.#renew().then((nextMs) => {
      this.#round = null;
      if (this.#isClosed) return;
      this.#timer?.cancel();
      this.#timer = this.#options.clock.setTimer(() => this.#look(), nextMs);
    });
  }

  /** Returns when to look again. Never rejects. */
  async #renew(): Promise<number> {
    const { db, clock, processId, logger } = this.#options;
    const { leaseMs, renewMs } = this.#timing;
    const askedAt = clock.monotonic();
    try {
      const channels = await leaseChannels(db, processId, { leaseMs, most: 1 });
      this.#heldUntil = askedAt + 0.8 * leaseMs;
      return this.#reconcile(channels) ? takeAgainMs : renewMs;
    } catch (error) {
      logger.warn({ err: error }, 'renewing the lease of SMS channels failed, trying again');
      return renewMs;
    }
  }

  /** Opens what is new or changed and closes what is not ours any more. Returns whether a channel was opened. */
  #reconcile(channels: readonly LeasedChannel[]): boolean {
    const held = new Map(channels.map((channel) => [channel.smsChannelId, channel]));
    for (const [id, worker] of this.#workers) {
      if (held.get(id)?.version !== worker.channel.version) this.#closeWorker(id, worker, held.has(id));
    }
    let hasOpened = false;
    for (const channel of channels) {
      const id = channel.smsChannelId;
      if (this.#isClosed || this.#workers.has(id) || this.#closing.has(id)) continue;
      this.#openWorker(channel);
      hasOpened = true;
    }
    return hasOpened;
  }

  #openWorker(channel: LeasedChannel): void {
    const { db, clock, random, logger, processId, open } = this.#options;
    const mayClaim = (): boolean => clock.monotonic() < this.#heldUntil;
    const worker = new ChannelWorker({ db, clock, random, logger, processId, channel, open, mayClaim });
    this.#workers.set(channel.smsChannelId, worker);
    logger.info({ smsChannelId: channel.smsChannelId, channelName: channel.name }, 'SMS channel taken');
    worker.start();
  }

  /** @param isOurs it is to be opened again, with other settings */
  #closeWorker(id: number, worker: ChannelWorker, isOurs: boolean): void {
    const { db, clock, logger, processId } = this.#options;
    this.#workers.delete(id);
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(), closeLimitMs);
    const closing = worker
      .close(limit.signal)
      .then(() => doubtClosed(db, processId, id))
      .catch((error: unknown) => logger.warn({ err: error, smsChannelId: id }, 'closing an SMS channel failed'))
      .finally(() => {
        timer.cancel();
        this.#closing.delete(id);
        if (isOurs) this.#look();
      });
    this.#closing.set(id, closing);
  }
}
