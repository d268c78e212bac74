import { openDatabase } from '../db/database.ts';
import { createEmbeddedEngine } from '../engine/embedded/embedded-engine.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { createMediaService } from '../telephony/rtp/media-service.ts';
import { createSipEndpoint } from '../telephony/sip/create-sip-endpoint.ts';
import { readEnvironment, requireDatabaseUrl } from './environment.ts';
import { openPlatformJobs } from './queues.ts';
import { type RunningProcess, runProcess } from './run-process.ts';

/** A dialer process: SIP, audio, and the loop that calls. */

const { config, logger } = readEnvironment('dialer');
const clock = systemClock;

async function start(): Promise<RunningProcess> {
  const url = requireDatabaseUrl(config);
  const random = systemRandom();

  // What everything stands on.
  const database = openDatabase({ url, maxConnections: 10, applicationName: 'carillon dialer', logger });
  const jobs = openPlatformJobs(url, logger);
  await jobs.start();

  // The wire.
  const { sipHost, sipPort, rtpHost, rtpPorts, mediaThreads } = config;
  const endpoint = await createSipEndpoint({
    host: sipHost,
    port: sipPort,
    clock,
    random,
    logger,
    userAgent: 'Carillon',
  });
  const media = await createMediaService({ host: rtpHost, portRange: rtpPorts, threads: mediaThreads, logger, clock });
  const engine = createEmbeddedEngine({ endpoint, media, rtpHost, clock, logger });

  return {
    info: { sipAddress: `${endpoint.local.address}:${endpoint.local.port}` },
    closeGroups: [
      [{ name: 'engine', close: () => engine.close() }],
      [{ name: 'jobs', close: () => jobs.close() }],
      [{ name: 'database', close: () => database.close() }],
    ],
  };
}

await runProcess({ logger, start });
