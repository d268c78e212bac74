import type { CodecName } from '../../call/engine.ts';
import type { AudioDescription, MediaDirection } from './sdp-reader.ts';

/** Our side of a session. */
export type LocalMedia = {
  readonly address: string;
  readonly port: number;
  /** Session id of the o= line, the same for the whole call (RFC 4566 5.2). */
  readonly sessionId: number;
};

/** The payload type that our offers give to telephone-event; any dynamic one would do. */
export const offeredEventPayloadType = 101;

const payloadTypes: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8 };

/**
 * The offer of an outgoing call (RFC 3264 5): the codecs in the given order, telephone-event with the sixteen keys and flash, 20 ms.
 * A string template, because it is written once per call: sdp-transform's writer costs some twenty times as much.
 */
export function writeOffer(local: LocalMedia, codecs: readonly CodecName[]): string {
  const payloads = codecs.map((codec) => payloadTypes[codec]);
  const maps = codecs.map((codec) => `a=rtpmap:${payloadTypes[codec]} ${codec}/8000\r\n`).join('');
  return `${sessionLines(local, 1)}m=audio ${local.port} RTP/AVP ${payloads.join(' ')} ${offeredEventPayloadType}\r\n${maps}${eventLines(offeredEventPayloadType)}a=ptime:20\r\na=sendrecv\r\n`;
}

/**
 * The answer to a re-offer (RFC 3264 6 and 8): one line for every stream offered, all but the audio refused with port 0, payload types
 * as the offer has them. `version` counts up with every description of the call.
 */
export function writeAnswer(local: LocalMedia, remote: AudioDescription, version: number): string {
  const streams = remote.streams.map((stream) =>
    stream.isChosen ? chosenStreamLines(local, remote) : `m=${stream.type} 0 ${stream.protocol} ${stream.payloads}\r\n`,
  );
  return sessionLines(local, version) + streams.join('');
}

/** What we answer to an offered direction (RFC 3264 6.1): we can always do both. */
export function answeredDirection(offered: MediaDirection): MediaDirection {
  if (offered === 'sendonly') return 'recvonly';
  return offered === 'recvonly' ? 'sendonly' : offered;
}

function chosenStreamLines(local: LocalMedia, remote: AudioDescription): string {
  const event = remote.eventPayloadType;
  const payloads = event === null ? `${remote.payloadType}` : `${remote.payloadType} ${event}`;
  return (
    `m=audio ${local.port} RTP/AVP ${payloads}\r\n` +
    `a=rtpmap:${remote.payloadType} ${remote.codec}/8000\r\n` +
    (event === null ? '' : eventLines(event)) +
    `a=ptime:20\r\na=${answeredDirection(remote.direction)}\r\n`
  );
}

function sessionLines(local: LocalMedia, version: number): string {
  return (
    `v=0\r\no=- ${local.sessionId} ${version} IN IP4 ${local.address}\r\ns=-\r\n` +
    `c=IN IP4 ${local.address}\r\nt=0 0\r\n`
  );
}

function eventLines(payloadType: number): string {
  return `a=rtpmap:${payloadType} telephone-event/8000\r\na=fmtp:${payloadType} 0-16\r\n`;
}
