import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createLogger } from '../lib/logger.ts';
import { seededRandom, systemRandom } from '../lib/random.ts';
import { createSipEndpoint } from '../telephony/sip/create-sip-endpoint.ts';
import { type Carrier, createSimulatedCarrier } from './carrier.ts';
import { ArgumentError, type CarrierArguments, carrierUsage, readCarrierArguments } from './carrier-arguments.ts';
import { createCarrierLedger } from './carrier-ledger.ts';
import type { CarrierMessage } from './carrier-messages.ts';
import { peopleOf } from './people.ts';

/** The simulated carrier as a process of its own, so that its load isn't the dialer's. */
async function main(): Promise<void> {
  const options = readCarrierArguments(process.argv.slice(2));
  if (options.isHelp) {
    process.stdout.write(carrierUsage);
    return;
  }
  const carrier = await startCarrier(options);
  const { address: host, port } = carrier.address;
  tell({ type: 'ready', host, port });
  process.on('SIGUSR2', () => process.stdout.write(`${JSON.stringify(carrier.ledger.summary())}\n`));
  process.on('message', () => tell({ type: 'summary', summary: carrier.ledger.summary() }));
  await stopAsked();
  await carrier.close();
  if (process.connected) process.disconnect();
}

async function startCarrier(options: CarrierArguments): Promise<Carrier> {
  const logger = createLogger('simulator', options.logLevel);
  const endpoint = await createSipEndpoint({
    host: options.host,
    port: options.port,
    clock: systemClock,
    // Tags and branches must differ from one run to the next; only people are seeded.
    random: systemRandom(),
    logger,
    userAgent: 'Carillon simulated carrier',
  });
  logger.info({ address: endpoint.local, seed: options.seed }, 'simulated carrier takes calls');
  return createSimulatedCarrier({
    endpoint,
    rtpHost: options.host,
    rtpPorts: options.rtpPorts,
    react: peopleOf(options.seed, options.mix),
    ledger: createCarrierLedger(options.ledgerFile),
    credentials: options.credentials,
    random: seededRandom(options.seed),
    clock: systemClock,
    logger,
  });
}

/** Forked: Ctrl-C in the terminal is the parent's business, and its end is ours. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    if (process.connected) {
      process.on('SIGINT', () => process.stdout.write('SIGINT left to the parent process\n'));
      process.once('disconnect', () => resolve());
    } else {
      process.once('SIGINT', () => resolve());
    }
  });
}

function tell(message: CarrierMessage): void {
  if (process.send !== undefined && process.connected) process.send(message);
}

main().catch((error: unknown) => {
  const reason = messageOf(error);
  tell({ type: 'failed', reason });
  process.stderr.write(`simulated carrier: ${reason}\n`);
  if (error instanceof ArgumentError) process.stderr.write(`\n${carrierUsage}`);
  process.exitCode = error instanceof ArgumentError ? 2 : 1;
  if (process.connected) process.disconnect();
});
