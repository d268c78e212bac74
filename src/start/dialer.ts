import { isIPv6 } from 'node:net';
import { openDatabase } from '../db/database.ts';
import type { Db } from '../db/tables.ts';
import { createDialer } from '../dialer/dialer.ts';
import { RecordingKeeper } from '../dialer/recording-keeper.ts';
import type { Speech, SpeechBy } from '../dialer/task-prompts.ts';
import type { Scheduling } from '../domain/job/scheduling.ts';
import { findPromptByKey, storePrompt } from '../domain/prompt/prompt-store.ts';
import { createEmbeddedEngine } from '../engine/embedded/embedded-engine.ts';
import { systemClock } from '../lib/clock.ts';
import { systemRandom } from '../lib/random.ts';
import { createPromptSource } from '../speech/prompt-source.ts';
import { type SpeechProvider, type Synthesizers, synthesizerOf } from '../speech/synthesizer.ts';
import { createBlobUploader } from '../storage/blob-uploader.ts';
import { createDnsResolver } from '../telephony/dns/create-dns-resolver.ts';
import { createMediaService } from '../telephony/rtp/media-service.ts';
import type { MediaService } from '../telephony/rtp/media-types.ts';
import { createSipEndpoint } from '../telephony/sip/create-sip-endpoint.ts';
import type { SipEndpoint } from '../telephony/sip/endpoint-types.ts';
import { canonicalAddress } from '../telephony/sip/transport/ip-address.ts';
import { bindOrAdvise, requireAddress } from './bind-advice.ts';
import { readEnvironment, requireDatabaseUrl } from './environment.ts';
import { processIdentity } from './identity.ts';
import { openPlatformJobs } from './queues.ts';
import { type RunningProcess, runProcess } from './run-process.ts';
import { readSipCertificate } from './sip-certificate.ts';
import { openSpeakers } from './speech.ts';

/** A dialer process: SIP, audio, and the loop that calls. */

const { config, logger } = readEnvironment('dialer');
const clock = systemClock;
const random = systemRandom();

async function start(fail: (reason: string, error: unknown) => void): Promise<RunningProcess> {
  const url = requireDatabaseUrl(config);

  // What everything stands on.
  const database = openDatabase({
    url,
    maxConnections: 10,
    applicationName: 'carillon dialer',
    logger,
    // All its statements are short, and what it waits for are calls that are not made.
    statementLimitMs: 8000,
    // Frozen in the middle of a flush it must not hold the tasks' rows when the others come to bury it.
    idleInTransactionMs: 3000,
    // Every day begins with empty partitions.
    plansEachTime: true,
  });
  const jobs = openPlatformJobs(url, logger);
  const scheduling: Scheduling = { clock, jobs, recallMinuteMs: config.recallMinuteMs };
  await jobs.start();

  // The wire.
  const { sipHosts } = config;
  // Whoever is no trunk of ours gets no answer on the SIP port. An address that a trunk once had stays known until the next start.
  const trunkAddresses = new Set<string>();
  const endpoint = await openSip((address) => trunkAddresses.has(address));
  const media = await openMedia();
  const onTrunkAddress = (address: string): void => void trunkAddresses.add(canonicalAddress(address));
  const identity = processIdentity('dialer');
  // New with every start: a process's old contacts are nobody's, and lapse.
  const instanceId = `urn:uuid:${identity.processId}`;
  const dns = createDnsResolver({ servers: config.dnsServers, clock, random });
  const engine = createEmbeddedEngine({
    ...{ endpoint, media, rtpHosts: announcedRtpHosts(), clock, random, logger, dns },
    ...{ onTrunkAddress, instanceId, families: sipHosts.map((host) => (isIPv6(host) ? 6 : 4)) },
  });

  // Texts that differ from callee to callee are spoken while the task runs.
  const speakers = await openSpeakers(config, logger);

  // Recordings go from the disk into their store on a thread of its own.
  const { storeFolder: folder, s3, spoolFolder, maxSpoolBytes } = config.recordings;
  const uploader = createBlobUploader({ folder, s3 });
  const { processId } = identity;
  const keeping = { db: database.db, clock, random, logger, processId, uploader, spoolFolder, maxSpoolBytes };

  const dialer = createDialer({
    database,
    engine,
    speechBy: speechBy(speakers.synthesizers, database.db),
    recordings: new RecordingKeeper(keeping),
    clock,
    random,
    logger,
    scheduling,
    identity,
    onFenced: () => {
      // The far sides still get their BYE.
      const end = (): void => fail('taken for dead by the others', null);
      engine.close().then(end, end);
    },
  });
  await dialer.start();

  return {
    info: { sipAddress: `${endpoint.local.address}:${endpoint.local.port}` },
    closeGroups: [
      [{ name: 'dialer', close: () => dialer.drain(config.drainS * 1000) }],
      [
        { name: 'engine', close: () => engine.close() },
        { name: 'speech', close: () => speakers.close() },
        { name: 'uploader', close: () => uploader.close() },
        { name: 'jobs', close: () => jobs.close() },
      ],
      [{ name: 'database', close: () => database.close() }],
    ],
  };
}

async function openSip(isKnownPeer: (address: string) => boolean): Promise<SipEndpoint> {
  const { sipHosts: host, sipPort: port, sipPublicHosts: publicHost } = config;
  const tls = await readSipCertificate(config.sipTls);
  const what = tls === null ? 'SIP (UDP, TCP)' : 'SIP (UDP, TCP, TLS)';
  const settings = { hostSetting: 'CARILLON_SIP_HOST', portSetting: 'CARILLON_SIP_PORT' };
  return bindOrAdvise(
    { what, host: host.join(', '), port, ...settings },
    createSipEndpoint({
      ...{ host, port, publicHost, clock, random, logger, userAgent: 'Carillon', isKnownPeer },
      ...(tls !== null && { tls }),
    }),
  );
}

async function openMedia(): Promise<MediaService> {
  const { rtpHosts: hosts, rtpPorts: portRange, mediaThreads: threads } = config;
  const recordingMinFreeBytes = config.recordings.minFreeBytes;
  const settings = { hostSetting: 'CARILLON_RTP_HOST', portSetting: 'CARILLON_RTP_PORTS' };
  for (const host of hosts) await requireAddress({ what: 'Audio (RTP)', host, ...settings });
  return createMediaService({ hosts, portRange, threads, recordingMinFreeBytes, logger, clock });
}

/** The public address of each family that has one, else our own. */
function announcedRtpHosts(): readonly string[] {
  const { rtpHosts, rtpPublicHosts } = config;
  return rtpHosts.map((own) => rtpPublicHosts.find((host) => isIPv6(host) === isIPv6(own)) ?? own);
}

/** Each provider's prompts are found and made by a source of its own. */
function speechBy(synthesizers: Synthesizers, db: Db): SpeechBy {
  const store = {
    findByKey: (cacheKey: string) => findPromptByKey(db, cacheKey),
    store: (prompt: Parameters<typeof storePrompt>[1]) => storePrompt(db, prompt),
  };
  const opened = new Map<SpeechProvider, Speech>();
  return (provider) => {
    const known = opened.get(provider);
    if (known !== undefined) return known;
    const synthesizer = synthesizerOf(synthesizers, provider);
    const source = createPromptSource({ store, synthesizer });
    const speech: Speech = {
      promptFor: (request, signal) => source.promptFor(request, signal),
      voiceFor: (request) => synthesizer.voiceFor(request),
    };
    opened.set(provider, speech);
    return speech;
  };
}

await runProcess({ logger, start });
