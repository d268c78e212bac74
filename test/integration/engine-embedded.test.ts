import { createEmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import { defaultTiming } from '../../src/telephony/sip/transaction/timing.ts';
import { testCallEngine } from '../support/call-engine-contract.ts';

testCallEngine('embedded', async () => {
  const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
  const endpoint = await createSipEndpoint({
    ...shared,
    host: '127.0.0.1',
    port: 0,
    userAgent: 'contract test',
    // Timer B is 64 times T1 (RFC 3261 17.1.1.2): nobody wants to wait for 32 seconds here.
    timing: { ...defaultTiming, t1: 30 },
  });
  const media = await createMediaService({
    ...shared,
    hosts: ['127.0.0.1'],
    portRange: { first: 18_000, last: 18_998 },
    threads: 1,
  });
  const engine = createEmbeddedEngine({ ...shared, endpoint, media, rtpHosts: ['127.0.0.1'] });
  return { engine };
});
