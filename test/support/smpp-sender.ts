import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { type SmppSettings, smppDefaults } from '../../src/sms/smpp/smpp-settings.ts';
import { SmppTransport } from '../../src/sms/smpp/smpp-transport.ts';
import type { OutgoingSms, SmsReceipt, SmsSendResult } from '../../src/sms/sms-transport.ts';
import { until } from './until.ts';

export type SmppSenderOptions = Partial<SmppSettings> & {
  readonly port: number;
  readonly maxTps?: number;
  readonly onReceipt?: (receipt: SmsReceipt) => Promise<void>;
};

/** Our transport on real sockets, and whoever hands it messages. */
export interface SmppSender {
  readonly transport: SmppTransport;
  readonly receipts: readonly SmsReceipt[];
  /** What came of messages that were unknown, by message id. */
  readonly lateResults: ReadonlyMap<string, SmsSendResult>;
  untilUp(): Promise<void>;
  /**
   * Hands messages over as a ledger does: no more than the window at once, what was refused for now again a little later, until each is accepted, refused for
   * good or unknown. Results by number.
   */
  sendAll(messages: readonly OutgoingSms[]): Promise<Map<string, SmsSendResult>>;
  /** Unbinds; what is out is waited for 5 s. */
  close(): Promise<void>;
}

export function openSmppSender({ maxTps = 100_000, onReceipt, ...settings }: SmppSenderOptions): SmppSender {
  const receipts: SmsReceipt[] = [];
  const lateResults = new Map<string, SmsSendResult>();
  const account = { host: '127.0.0.1', systemId: 'carillon', password: 'secret' };
  const transport = new SmppTransport(
    { ...smppDefaults, ...account, ...settings },
    {
      clock: systemClock,
      random: systemRandom(),
      logger: silentLogger(),
      maxTps,
      async onReceipt(receipt) {
        await onReceipt?.(receipt);
        receipts.push(receipt);
      },
      onLateResult: (messageId, result) => lateResults.set(messageId, result),
      receiptsDue: () => Promise.resolve([]),
    },
  );
  transport.start();
  const untilUp = async (): Promise<void> => {
    await until(() => transport.state.state === 'up', {
      what: 'the channel to be up',
      timeoutMs: 20_000,
      everyMs: 10,
      detail: () => JSON.stringify(transport.state),
    });
  };

  async function sendAll(messages: readonly OutgoingSms[]): Promise<Map<string, SmsSendResult>> {
    const results = new Map<string, SmsSendResult>();
    const waiting = [...messages].reverse();
    async function work(): Promise<void> {
      for (let message = waiting.pop(); message !== undefined; message = waiting.pop()) {
        const result = await transport.send(message);
        if (result.type !== 'refused' || result.isFinal) {
          results.set(message.to, result);
          continue;
        }
        waiting.push(message);
        if (transport.state.state === 'up') await sleep(Math.min(result.retryAfterMs ?? 20, 500));
        else await untilUp();
      }
    }
    await Promise.all(Array.from({ length: transport.window }, work));
    return results;
  }

  return {
    transport,
    receipts,
    lateResults,
    untilUp,
    sendAll,
    close: () => transport.close(AbortSignal.timeout(5000)),
  };
}
