import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createSipEndpoint } from '../src/telephony/sip/create-sip-endpoint.ts';

/** The ports of the far side of the media-calls bench, which is a process of its own. */
export type FarSidePorts = { readonly sipPort: number; readonly rtpPort: number };

/** Answers numbers that begin with 1 and leaves the hanging up to the caller; the others are busy. All audio goes into one socket that drops it. */
if (process.send !== undefined) {
  const host = '127.0.0.1';
  const sink = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  sink.on('message', () => undefined);
  sink.bind(0, host);
  await once(sink, 'listening');
  const rtpPort = sink.address().port;
  const endpoint = await createSipEndpoint({
    host,
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon bench',
  });
  const answer =
    `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${rtpPort} RTP/AVP 8\r\n` +
    'a=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n';
  endpoint.onInvite((call) => {
    if (call.requestUri.startsWith('sip:1')) call.answer(answer);
    else call.reject(486, 'Busy Here');
  });
  process.send({ sipPort: endpoint.local.port, rtpPort } satisfies FarSidePorts);
  process.once('disconnect', () => process.exit(0));
}
