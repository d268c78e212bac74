import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { systemRandom } from '../lib/random.ts';
import { readEnvironment } from './environment.ts';
import { describeFirstRun } from './first-run.ts';
import { Platform, type PlatformInfo } from './platform.ts';
import { listenToStopSignals } from './stop-signals.ts';

/** `npm start`: the supervisor of a whole installation on one machine. */
async function main(): Promise<void> {
  const { config, logger } = readEnvironment('carillon');
  const platform = new Platform({
    config,
    environment: process.env,
    output: 'inherit',
    clock: systemClock,
    random: systemRandom(),
    logger,
  });
  let isStopping = false;
  let exitCode = 0;
  const exitAfter = (work: Promise<void>, code: number): void => {
    isStopping = true;
    // An orderly stop that was forced meanwhile ends at the same moment, and was none.
    exitCode = Math.max(exitCode, code);
    work.then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.fatal({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  const fail = (error: unknown, reason: string): void => {
    logger.fatal({ err: error }, reason);
    exitAfter(platform.force(), 1);
  };
  process.on('uncaughtException', (error) => fail(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => fail(error, 'unhandled rejection'));
  listenToStopSignals({
    onStop(reason) {
      logger.info({ reason }, 'stopping; a second signal forces');
      exitAfter(platform.stop(), 0);
    },
    onForce: () => exitAfter(platform.force(), 1),
  });
  try {
    process.stdout.write(describeReady(await platform.start()));
  } catch (error) {
    if (isStopping) return;
    logger.fatal({ err: error }, 'start failed');
    process.stderr.write(`carillon: ${messageOf(error)}\n`);
    exitAfter(platform.stop(), 1);
  }
}

function describeReady(info: PlatformInfo): string {
  const { apiUrl, sipAddress, firstAccount, adminToken, isAdminTokenNew } = info;
  return `${describeFirstRun(firstAccount, isAdminTokenNew ? adminToken : null)}
Carillon is running.
  API      ${apiUrl}/v3/voice
  admin    ${apiUrl}/admin/v1  (OpenAPI: ${apiUrl}/admin/v1/openapi.json)
  health   ${apiUrl}/healthz
  SIP      ${sipAddress} (UDP)
`;
}

await main();
