import type { Db } from '../../db/tables.ts';
import { type Backoff, createBackoff } from '../../lib/backoff.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { SmsChannelSettings } from '../../sms/channel-settings.ts';
import type { LateSmsResult, SmsTransport, SmsTransportHost, SmsTransportState } from '../../sms/sms-transport.ts';
import { type LeasedChannel, writeChannelState } from './channel-lease.ts';
import { joinSettings } from './channel-store.ts';
import { type ClaimedSms, claimMessages } from './claim.ts';
import { receiptsDue } from './expire.ts';
import { formatMsgId, parseMsgId } from './message.ts';
import { SmsLedger } from './sms-ledger.ts';

export type ChannelWorkerOptions = {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly processId: string;
  readonly channel: LeasedChannel;
  readonly open: (settings: SmsChannelSettings, host: SmsTransportHost) => SmsTransport;
  /** Whether the lease lasts for long enough to begin something. */
  readonly mayClaim: () => boolean;
};

/** How often a channel's queue is looked at without being told, ms. */
const pollMs = 1000;
const mostAtOnce = 200;
/**
 * Messages of which nothing is written yet, as many windows and at least so many: few, since so many are in doubt when the process dies, and more than one window, since
 * the channel would stand still while results are written.
 */
const unwritten = { windows: 2, atLeast: 100 } as const;

/**
 * One channel of this process: claims what is due as far as the transport has room, hands it over, and brings what came of it into the ledger.
 *
 * When the channel refuses something for now, the whole channel pauses, for as long as it says or with backoff: what holds for one message (a limit, a connection that is
 * down) holds for all. A message waits in the queue meanwhile, not here.
 */
export class ChannelWorker {
  readonly channel: LeasedChannel;
  readonly #options: ChannelWorkerOptions;
  readonly #transport: SmsTransport;
  readonly #ledger: SmsLedger;
  readonly #backoff: Backoff;
  #inFlight = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #poll: Timer | null = null;
  #claiming: Promise<void> | null = null;
  #isWanted = false;
  #isClosed = false;
  #writtenState: SmsTransportState | null = null;

  constructor(options: ChannelWorkerOptions) {
    const { db, clock, random, channel, processId } = options;
    const logger = options.logger.child({ smsChannelId: channel.smsChannelId, channelName: channel.name });
    this.channel = channel;
    this.#options = { ...options, logger };
    const { smsChannelId } = channel;
    const onWritten = (): void => this.wake();
    this.#ledger = new SmsLedger({ db, clock, random, logger, processId, smsChannelId, onWritten });
    this.#backoff = createBackoff({ firstMs: 1000, maxMs: 60_000, random });
    this.#transport = options.open(joinSettings(channel.kind, channel.settings, channel.secrets), {
      clock,
      random,
      logger,
      maxTps: channel.maxTps,
      onReceipt: (receipt) => this.#ledger.receive(receipt),
      onLateResult: (messageId, result) => this.#onLateResult(messageId, result),
      receiptsDue: (after, limit) => receiptsDue(db, channel.smsChannelId, after, limit),
    });
  }

  start(): void {
    this.#transport.start();
    this.#tick();
  }

  /** Something may be due. */
  wake(): void {
    this.#isWanted = true;
    if (this.#claiming === null && !this.#isClosed) {
      this.#claiming = this.#claimWhileThereIsRoom().finally(() => {
        this.#claiming = null;
        // Somebody may have called while it was at its end.
        if (this.#isWanted && this.#hasRoom) this.wake();
      });
    }
  }

  /** Hands nothing over any more, waits for what is under way until the signal aborts, and for the results until they are written or it aborts. */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    this.#poll?.cancel();
    await this.#claiming;
    await this.#transport.close(signal);
    await this.#ledger.close(signal);
  }

  get #room(): number {
    const { window } = this.#transport;
    const mostUnwritten = Math.max(unwritten.atLeast, unwritten.windows * window);
    return Math.min(mostAtOnce, window - this.#inFlight, mostUnwritten - this.#inFlight - this.#ledger.backlog);
  }

  get #hasRoom(): boolean {
    const { clock, mayClaim } = this.#options;
    return !this.#isClosed && this.#room > 0 && clock.monotonic() >= this.#pausedUntil && mayClaim();
  }

  #tick(): void {
    void this.#writeState();
    this.wake();
    this.#poll = this.#options.clock.setTimer(() => this.#tick(), pollMs);
  }

  /** Never rejects: without the database nothing is claimed, and the next look is at the next tick. */
  async #claimWhileThereIsRoom(): Promise<void> {
    const { db, clock, processId, logger } = this.#options;
    while (this.#isWanted && this.#hasRoom) {
      this.#isWanted = false;
      const max = this.#room;
      try {
        const request = { smsChannelId: this.channel.smsChannelId, now: new Date(clock.now()), max };
        const claimed = await claimMessages(db, processId, request);
        for (const message of claimed) void this.#handOver(message);
        if (claimed.length === max) this.#isWanted = true;
      } catch (error) {
        logger.warn({ err: error }, 'claiming SMS failed, trying again');
      }
    }
  }

  async #handOver({ key, number, senderId, content }: ClaimedSms): Promise<void> {
    this.#inFlight += 1;
    const message = { messageId: formatMsgId(key), to: number, from: senderId, text: content };
    const result = await this.#transport.send(message);
    this.#inFlight -= 1;
    const { clock } = this.#options;
    const at = new Date(clock.now());
    let againAt = at;
    if (result.type === 'refused' && !result.isFinal) {
      this.#pause(result.retryAfterMs);
      againAt = new Date(clock.now() + Math.max(0, this.#pausedUntil - clock.monotonic()));
    } else if (result.type === 'accepted') {
      this.#backoff.reset();
    }
    this.#ledger.report({ key, result, at, againAt });
    // There is room again; what is full is claimed in few statements.
    if (this.#room >= Math.min(mostAtOnce, this.#transport.window / 2)) this.wake();
  }

  #onLateResult(messageId: string, result: LateSmsResult): void {
    const key = parseMsgId(messageId);
    const at = new Date(this.#options.clock.now());
    if (key !== null) this.#ledger.report({ key, result, at, againAt: at });
  }

  /** Messages that are refused together pause it once. */
  #pause(retryAfterMs: number | null): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#pausedUntil) return;
    this.#pausedUntil = now + (retryAfterMs ?? this.#backoff.next());
  }

  async #writeState(): Promise<void> {
    const { state, reason } = this.#transport.state;
    if (this.#writtenState?.state === state && this.#writtenState.reason === reason) return;
    this.#writtenState = { state, reason };
    const { db, processId, logger } = this.#options;
    try {
      await writeChannelState(db, processId, this.channel.smsChannelId, { state, reason });
    } catch (error) {
      this.#writtenState = null;
      logger.warn({ err: error }, 'writing the state of an SMS channel failed, trying again');
    }
  }
}
