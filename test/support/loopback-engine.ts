import type { CallEngine } from '../../src/call/engine.ts';
import { createEmbeddedEngine, type EmbeddedEngineOptions } from '../../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import type { StartMediaWorker } from '../../src/telephony/rtp/media-worker.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type { SipEndpoint } from '../../src/telephony/sip/endpoint-types.ts';
import { defaultTiming, type SipTiming } from '../../src/telephony/sip/transaction/timing.ts';
import { freeUdpRange } from './free-port.ts';
import { toneSequence } from './tone.ts';

/** The engine on loopback with real sockets, and prompts named by what is heard. SIP and audio over both families. */
export type LoopbackEngine = {
  readonly engine: CallEngine;
  readonly endpoint: SipEndpoint;
  readonly rtpPorts: { readonly first: number; readonly last: number };
};

const hosts = ['127.0.0.1', '::1'];

/** What is not as usual. */
export type LoopbackEngineOptions = Pick<EmbeddedEngineOptions, 'dns' | 'onTrunkAddress'> & {
  /** The base times of SIP. */
  readonly timing?: SipTiming;
  /** In the place of media threads. */
  readonly startWorker?: StartMediaWorker;
};

const legs = 20;

/** Opens it; each of `prompts` becomes a prompt of these frequencies, 0.4 s each. */
export async function openLoopbackEngine(
  prompts: Readonly<Record<string, readonly number[]>>,
  { timing = defaultTiming, startWorker, ...options }: LoopbackEngineOptions = {},
): Promise<LoopbackEngine> {
  const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
  const endpoint = await createSipEndpoint({
    ...shared,
    host: hosts,
    port: 0,
    userAgent: 'Carillon interop',
    timing,
  });
  const first = await freeUdpRange(4 * legs);
  const rtpPorts = { first, last: first + 4 * legs - 1 };
  const media = await createMediaService({
    ...{ ...shared, hosts, portRange: rtpPorts, threads: 1 },
    ...(startWorker !== undefined && { startWorker }),
  });
  const engine = createEmbeddedEngine({ ...shared, ...options, endpoint, media, rtpHosts: hosts, families: [4, 6] });
  for (const [promptKey, frequencies] of Object.entries(prompts))
    await engine.loadPrompt({ promptKey, ...toneSequence(frequencies, 0.4, 0.1) });
  return { engine, endpoint, rtpPorts };
}
