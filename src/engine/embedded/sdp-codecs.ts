import type { ParsedMedia } from 'sdp-transform';
import type { CodecName } from '../../call/engine.ts';
import { codecShapes } from '../../telephony/audio/codec.ts';
import type { PayloadMapping } from '../../telephony/rtp/media-types.ts';

/** A payload type of telephone events (RFC 4733), and the clock of their durations, Hz. */
export type EventMapping = { readonly payloadType: number; readonly clockRate: number };

/** The payload type that our offers give to Opus; any dynamic one would do. */
const offeredOpusPayloadType = 107;

/** What our offers give to events: 101 is what everybody has, and a second one where there is a second clock (RFC 4733 2.1). */
const offeredEvents: readonly EventMapping[] = [
  { payloadType: 101, clockRate: 8000 },
  { payloadType: 102, clockRate: 48_000 },
];

/**
 * What a far side is told of our Opus (RFC 7587 6.1). We listen at 8 kHz, whatever for, and send up to 8 kHz of sound; both are hints. Lost packets are
 * made good from the copies in later ones.
 */
const opusParameters = 'maxplaybackrate=8000;sprop-maxcapturerate=16000;useinbandfec=1';

const defaultPtimeMs = 20;
/** The shortest packets that anybody sends; and the longest that we do, and ask for. */
const leastPtimeMs = 10;
export const mostPtimeMs = 60;

/** How our offers map the codecs, in the same order. */
export function offeredPayloads(codecs: readonly CodecName[]): readonly PayloadMapping[] {
  return codecs.map((codec) => ({
    codec,
    payloadType: codecShapes[codec].staticPayloadType ?? offeredOpusPayloadType,
  }));
}

/** How our offers map events: in the clock of every codec that is offered. */
export function offeredEventsFor(codecs: readonly CodecName[]): readonly EventMapping[] {
  return offeredEvents.filter(
    ({ clockRate }, index) => index === 0 || codecs.some((codec) => codecShapes[codec].clockRate === clockRate),
  );
}

/** The lines that explain a codec's payload type. */
export function codecLines({ codec, payloadType }: PayloadMapping): string {
  // Two channels always, whatever is sent (RFC 7587 7).
  if (codec === 'opus') return `a=rtpmap:${payloadType} opus/48000/2\r\na=fmtp:${payloadType} ${opusParameters}\r\n`;
  return `a=rtpmap:${payloadType} ${codec}/${codecShapes[codec].clockRate}\r\n`;
}

/** The lines that explain events: the sixteen keys and flash. */
export function eventLines({ payloadType, clockRate }: EventMapping): string {
  return `a=rtpmap:${payloadType} telephone-event/${clockRate}\r\na=fmtp:${payloadType} 0-16\r\n`;
}

/** The far side's first codec that may be used. */
export function chooseCodec(media: ParsedMedia, codecs: readonly CodecName[]): PayloadMapping | null {
  for (const payloadType of payloadTypesOf(media)) {
    const map = media.rtp.find((line) => line.payload === payloadType);
    const codec = codecs.find((candidate) => {
      const { clockRate, staticPayloadType } = codecShapes[candidate];
      if (map === undefined) return staticPayloadType === payloadType;
      return map.codec.toUpperCase() === candidate.toUpperCase() && (map.rate ?? 8000) === clockRate;
    });
    if (codec !== undefined) return { codec, payloadType };
  }
  return null;
}

/**
 * How the far side maps events: they are sent with the number that the receiver mapped, whatever our offer said (RFC 3264 5.1, RFC 4733 2.4.1). Of several, the one
 * with the codec's clock, for both share their timestamps (RFC 4733 2.1), else the first; null: it has none.
 */
export function chooseEvents(media: ParsedMedia, codec: CodecName): EventMapping | null {
  const listed = payloadTypesOf(media);
  const maps = media.rtp
    .filter((line) => line.codec.toLowerCase() === 'telephone-event' && listed.includes(line.payload))
    .map((line) => ({ payloadType: line.payload, clockRate: line.rate ?? 8000 }))
    .filter(({ clockRate }) => offeredEvents.some((event) => event.clockRate === clockRate));
  return maps.find(({ clockRate }) => clockRate === codecShapes[codec].clockRate) ?? maps[0] ?? null;
}

/** How long our packets are: what the far side wishes, and no longer than it can take, within what we can do (RFC 4566 6). */
export function packetTime(media: ParsedMedia): number {
  const wished = media.ptime !== undefined && media.ptime > 0 ? media.ptime : defaultPtimeMs;
  const most = media.maxptime !== undefined && media.maxptime > 0 ? media.maxptime : mostPtimeMs;
  return Math.max(leastPtimeMs, Math.min(wished, most, mostPtimeMs));
}

function payloadTypesOf(media: ParsedMedia): number[] {
  return String(media.payloads ?? '')
    .split(' ')
    .map(Number)
    .filter((payloadType) => Number.isInteger(payloadType) && payloadType >= 0 && payloadType <= 127);
}
