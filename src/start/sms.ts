import type { Database } from '../db/database.ts';
import { SmsDispatcher } from '../domain/sms/sms-dispatcher.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { systemRandom } from '../lib/random.ts';
import { openTransport } from '../sms/open-transport.ts';

/** How long what is under way may take to be answered when the process ends, ms; what is not is in doubt then. */
const closeLimitMs = 8000;

/** Begins to send SMS over channels that nobody else uses. Returns what ends that. */
export async function startSms(
  { db, listen }: Database,
  process: { readonly processId: string; readonly clock: Clock; readonly logger: Logger },
): Promise<() => Promise<void>> {
  const dispatcher = new SmsDispatcher({ db, listen, random: systemRandom(), open: openTransport, ...process });
  await dispatcher.start();
  return () => dispatcher.close(AbortSignal.timeout(closeLimitMs));
}
