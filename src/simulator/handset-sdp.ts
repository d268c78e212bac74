import { parse } from 'sdp-transform';
import type { G711Law } from '../telephony/audio/g711.ts';
import type { SocketAddress } from '../telephony/sip/endpoint-types.ts';

/** What a caller offered, as far as a handset cares. */
export type HandsetOffer = {
  readonly remote: SocketAddress;
  readonly law: G711Law;
  readonly payloadType: number;
  /** RFC 4733 payload type as the caller mapped it; null: none. */
  readonly eventPayloadType: number | null;
};

const staticLaws: ReadonlyMap<number, G711Law> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
]);

/** Reads an offer; null: nothing a G.711 handset can take, to be refused with 488. */
export function readOffer(sdp: string): HandsetOffer | null {
  const session = parse(sdp);
  const media = session.media.find((stream) => stream.type === 'audio' && stream.port > 0);
  const address = (media?.connection ?? session.connection)?.ip;
  if (media === undefined || address === undefined || media.protocol !== 'RTP/AVP') return null;
  for (const payloadType of String(media.payloads ?? '')
    .split(' ')
    .map(Number)) {
    const law = staticLaws.get(payloadType);
    if (law === undefined) continue;
    const event = media.rtp.find((line) => line.codec.toLowerCase() === 'telephone-event');
    return { remote: { address, port: media.port }, law, payloadType, eventPayloadType: event?.payload ?? null };
  }
  return null;
}

/** The answer of a handset at `local` to what it read. The event payload type is its own (RFC 3264 5.1), so that callers must read it. */
export function writeHandsetAnswer(local: SocketAddress, offer: HandsetOffer, sessionId: number): string {
  const event = offer.eventPayloadType === null ? null : handsetEventPayloadType;
  return [
    'v=0',
    `o=simulator ${sessionId} 1 IN IP4 ${local.address}`,
    's=-',
    `c=IN IP4 ${local.address}`,
    't=0 0',
    `m=audio ${local.port} RTP/AVP ${offer.payloadType}${event === null ? '' : ` ${event}`}`,
    `a=rtpmap:${offer.payloadType} ${offer.law}/8000`,
    ...(event === null ? [] : [`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-16`]),
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
}

/** What a handset wants events sent to it with; differs from what our own side offers. */
const handsetEventPayloadType = 96;
