import { isIPv4 } from 'node:net';
import { type ParsedMedia, type ParsedSession, parse } from 'sdp-transform';
import type { CodecName } from '../../call/engine.ts';

/** Which way audio flows, from the side that wrote the description (RFC 4566 6). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The audio stream of a far side's offer or answer, as far as it is of use here. */
export type AudioDescription = {
  readonly address: string;
  readonly port: number;
  readonly codec: CodecName;
  readonly payloadType: number;
  /** The payload type that the far side wants RFC 4733 events sent with; null: it speaks none. */
  readonly eventPayloadType: number | null;
  readonly ptimeMs: number;
  readonly direction: MediaDirection;
  /** Every stream of the description in order, because an answer repeats them one for one (RFC 3264 6). */
  readonly streams: readonly StreamLine[];
};

/** One m= line; `isChosen` for the audio stream that is used. */
export type StreamLine = {
  readonly type: string;
  readonly protocol: string;
  readonly payloads: string;
  readonly isChosen: boolean;
};

export type SdpReading =
  | { readonly isUsable: true; readonly audio: AudioDescription }
  | { readonly isUsable: false; readonly reason: string };

/** Static payload types of RFC 3551 6, used when a description gives no rtpmap. */
const staticPayloadTypes: ReadonlyMap<number, CodecName> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
]);

/** The address that RFC 2543 used for hold; RFC 3264 8.4 asks to understand it. */
const holdAddress = '0.0.0.0';

const defaultPtimeMs = 20;

/**
 * Reads the description that the far side sent as answer or offer (RFC 3264, RFC 4566).
 *
 * `codecs` are the codecs that may be used. The far side's own order decides, as RFC 3264 6.1 recommends for an answer and 5.1 says of an offer.
 * Only IPv4 and RTP/AVP are spoken; a stream with port 0 is a refused one (RFC 3264 6).
 */
export function readSdp(text: string, codecs: readonly CodecName[]): SdpReading {
  const session = parse(text);
  const media = session.media.find((candidate) => candidate.type === 'audio' && candidate.port !== 0);
  if (media === undefined) return unusable(session.media.length === 0 ? 'no media described' : 'audio refused');
  if (media.protocol !== 'RTP/AVP') return unusable(`unsupported transport ${media.protocol}`);
  if (!Number.isInteger(media.port) || media.port < 1 || media.port > 65535) return unusable('bad media port');
  const address = (media.connection ?? session.connection)?.ip;
  if (address === undefined || !isIPv4(address)) return unusable('no IPv4 media address');
  const codec = chooseCodec(media, codecs);
  if (codec === null) return unusable('no common codec');
  const audio: AudioDescription = {
    address,
    port: media.port,
    codec: codec.name,
    payloadType: codec.payloadType,
    eventPayloadType: eventPayloadTypeOf(media),
    ptimeMs: media.ptime !== undefined && media.ptime > 0 ? media.ptime : defaultPtimeMs,
    direction: directionOf(session, media, address),
    streams: session.media.map((line) => ({
      type: line.type,
      protocol: line.protocol,
      payloads: String(line.payloads ?? '0'),
      isChosen: line === media,
    })),
  };
  return { isUsable: true, audio };
}

function unusable(reason: string): SdpReading {
  return { isUsable: false, reason };
}

function payloadTypesOf(media: ParsedMedia): number[] {
  return String(media.payloads ?? '')
    .split(' ')
    .map(Number)
    .filter((payloadType) => Number.isInteger(payloadType) && payloadType >= 0 && payloadType <= 127);
}

function chooseCodec(
  media: ParsedMedia,
  codecs: readonly CodecName[],
): { name: CodecName; payloadType: number } | null {
  for (const payloadType of payloadTypesOf(media)) {
    const map = media.rtp.find((line) => line.payload === payloadType);
    const spoken = map === undefined ? staticPayloadTypes.get(payloadType) : map.codec.toUpperCase();
    const name = codecs.find((codec) => codec === spoken);
    if (name !== undefined && (map?.rate ?? 8000) === 8000) return { name, payloadType };
  }
  return null;
}

/** Events are sent with the number that the receiver mapped, whatever our offer said (RFC 3264 5.1, RFC 4733 2.4.1). */
function eventPayloadTypeOf(media: ParsedMedia): number | null {
  const listed = payloadTypesOf(media);
  const map = media.rtp.find(
    (line) =>
      line.codec.toLowerCase() === 'telephone-event' && (line.rate ?? 8000) === 8000 && listed.includes(line.payload),
  );
  return map?.payload ?? null;
}

function directionOf(session: ParsedSession, media: ParsedMedia, address: string): MediaDirection {
  const direction = media.direction ?? session.direction ?? 'sendrecv';
  if (address !== holdAddress) return direction;
  return direction === 'recvonly' || direction === 'inactive' ? 'inactive' : 'sendonly';
}
