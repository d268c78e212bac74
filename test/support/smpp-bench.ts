import { silentLogger } from '../../src/lib/logger.ts';
import { seededRandom } from '../../src/lib/random.ts';
import { type SmppSettings, smppDefaults } from '../../src/sms/smpp/smpp-settings.ts';
import { SmppTransport } from '../../src/sms/smpp/smpp-transport.ts';
import type { LateSmsResult, SmsReceipt, SmsSendResult } from '../../src/sms/sms-transport.ts';
import { FakeClock } from './fake-clock.ts';
import { ScriptedCarrier } from './scripted-carrier.ts';

/** Our transport against a carrier in memory, with a clock that a test moves. */
export type SmppBench = {
  readonly clock: FakeClock;
  readonly carrier: ScriptedCarrier;
  readonly transport: SmppTransport;
  readonly receipts: SmsReceipt[];
  /** Sends, and keeps the result under the text, which is the message's id, too. */
  send(text: string): void;
  readonly results: Map<string, SmsSendResult>;
  readonly lateResults: Map<string, LateSmsResult>;
};

export function smppBench(settings: Partial<SmppSettings> = {}, onReceipt?: () => Promise<void>): SmppBench {
  const clock = new FakeClock();
  const carrier = new ScriptedCarrier();
  const receipts: SmsReceipt[] = [];
  const results = new Map<string, SmsSendResult>();
  const lateResults = new Map<string, LateSmsResult>();
  const account = { host: 'smsc', port: 2775, systemId: 'me', password: 'secret' };
  const host = {
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
    maxTps: 1000,
    onReceipt: (receipt: SmsReceipt): Promise<void> => {
      receipts.push(receipt);
      return onReceipt?.() ?? Promise.resolve();
    },
    onLateResult: (messageId: string, result: LateSmsResult) => lateResults.set(messageId, result),
    receiptsDue: () => Promise.resolve([]),
  };
  const transport = new SmppTransport({ ...smppDefaults, ...account, ...settings }, host, carrier.open);
  const send = (text: string): void => {
    void transport.send({ messageId: text, to: '8613800138000', from: 'Carillon', text }).then((result) => {
      results.set(text, result);
    });
  };
  return { clock, carrier, transport, receipts, results, lateResults, send };
}

/** A deliver_sm that is a receipt. */
export function receiptFor(id: string, stat = 'DELIVRD') {
  return { esm_class: 4, short_message: Buffer.from(`id:${id} stat:${stat} err:000`) };
}
