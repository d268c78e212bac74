import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'smpp';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { systemRandom } from '../src/lib/random.ts';
import { smppDefaults } from '../src/sms/smpp/smpp-settings.ts';
import { SmppTransport } from '../src/sms/smpp/smpp-transport.ts';
import type { BenchResult } from './result.ts';

type Step = { readonly port: number; readonly count: number; readonly window: number; readonly hasReceipts: boolean };

const text = 'Your code is 123456. It is valid for ten minutes.';

/** Messages a second, each with its answer (and its receipt). */
type Contender = (step: Step) => Promise<number>;

const contenders: Readonly<Record<'carillon' | 'library', Contender>> = { carillon: runCarillon, library: runLibrary };

/**
 * Messages a second over one connection to a carrier in another process, ours against a bare loop on the smpp library: in turn, `--rounds` times (5), `--count`
 * messages each (20,000), with windows of 10 and of 100, without and with receipts. The medians count; the value is ours with the window of 10 and receipts.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '5' } },
    strict: false,
  });
  const [count, rounds] = [Number(values.count), Number(values.rounds)];
  const load = Math.round((loadavg()[0] ?? 0) * 100) / 100;
  const carrier = fork(fileURLToPath(new URL('./smpp-carrier.ts', import.meta.url)));
  try {
    const [port] = (await once(carrier, 'message')) as [number];
    const figures: Record<string, number> = {};
    for (const hasReceipts of [false, true]) {
      for (const window of [10, 100]) {
        const found = await measure({ port, count, window, hasReceipts }, rounds);
        const name = `window${window}${hasReceipts ? 'Receipts' : ''}`;
        Object.assign(figures, { [name]: found.carillon, [`${name}Library`]: found.library });
        console.error(`${name}: ${found.carillon} messages/s, the library ${found.library}`);
      }
    }
    const [value, peerValue] = [figures.window10Receipts ?? 0, figures.window10ReceiptsLibrary ?? 0];
    const ratio = Math.round((value / peerValue) * 100) / 100;
    return { bench: 'smpp', value, unit: 'messages/s', peer: 'library', peerValue, ratio, ...figures, load };
  } finally {
    await stop(carrier);
  }
}

async function measure(step: Step, rounds: number): Promise<Record<'carillon' | 'library', number>> {
  const found: Record<'carillon' | 'library', number[]> = { carillon: [], library: [] };
  // The first messages pay for compiling.
  for (const contender of Object.values(contenders)) await contender({ ...step, count: 2000 });
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['carillon', 'library'] as const) found[name].push(await contenders[name](step));
  }
  return { carillon: median(found.carillon), library: median(found.library) };
}

async function runCarillon({ port, count, window, hasReceipts }: Step): Promise<number> {
  let receiptsLeft = hasReceipts ? count : 0;
  const received = Promise.withResolvers<void>();
  const account = { host: '127.0.0.1', port, systemId: 'bench', password: 'bench' };
  const transport = new SmppTransport(
    { ...smppDefaults, ...account, window, wantsReceipts: hasReceipts },
    {
      clock: systemClock,
      random: systemRandom(),
      logger: silentLogger(),
      maxTps: 1_000_000,
      async onReceipt() {
        receiptsLeft -= 1;
        if (receiptsLeft === 0) received.resolve();
      },
      onLateResult: () => undefined,
      receiptsDue: () => Promise.resolve([]),
    },
  );
  transport.start();
  while (transport.state.state !== 'up') await new Promise((resolve) => setTimeout(resolve, 5));
  const startedMs = performance.now();
  let left = count;
  async function work(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const result = await transport.send({ messageId: '1', to: '8613800138000', from: 'Carillon', text });
      if (result.type !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(result)}`);
    }
  }
  await Promise.all(Array.from({ length: window }, work));
  if (hasReceipts) await received.promise;
  const rate = Math.round((count / (performance.now() - startedMs)) * 1000);
  await transport.close(AbortSignal.timeout(1000));
  return rate;
}

/** What anybody would write: the next message with each answer, receipts answered as they come. */
async function runLibrary({ port, count, window, hasReceipts }: Step): Promise<number> {
  const session = connect({ host: '127.0.0.1', port });
  await once(session, 'connect');
  await new Promise<void>((resolve) => {
    session.bind_transceiver({ system_id: 'bench', password: 'bench' }, () => resolve());
  });
  let [left, answersLeft, receiptsLeft] = [count, count, hasReceipts ? count : 0];
  const done = Promise.withResolvers<void>();
  const startedMs = performance.now();
  const next = (): void => {
    if (left === 0) return;
    left -= 1;
    const fields = {
      ...{ source_addr_ton: 5, source_addr: 'Carillon', dest_addr_ton: 1, dest_addr_npi: 1 },
      ...{ destination_addr: '8613800138000', short_message: text, registered_delivery: hasReceipts ? 1 : 0 },
    };
    session.submit_sm(fields, () => {
      answersLeft -= 1;
      if (answersLeft === 0 && receiptsLeft === 0) done.resolve();
      next();
    });
  };
  session.on('deliver_sm', (pdu) => {
    session.send(pdu.response());
    receiptsLeft -= 1;
    if (answersLeft === 0 && receiptsLeft === 0) done.resolve();
  });
  for (let turn = 0; turn < window; turn += 1) next();
  await done.promise;
  const rate = Math.round((count / (performance.now() - startedMs)) * 1000);
  session.destroy();
  return rate;
}

async function stop(carrier: ChildProcess): Promise<void> {
  const ended = once(carrier, 'exit');
  carrier.kill();
  await ended;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
