import { isIPv6 } from 'node:net';
import type { CodecName } from '../../call/engine.ts';
import { codecLines, eventLines, mostPtimeMs, offeredEventsFor, offeredPayloads } from './sdp-codecs.ts';
import { type CryptoAttribute, cryptoLine } from './sdp-crypto.ts';
import type { AudioDescription, MediaDirection } from './sdp-reader.ts';

/** Our side of a session. */
export type LocalMedia = {
  /** Where the far side sends to: IPv4 or IPv6. */
  readonly address: string;
  readonly port: number;
  /** Session id of the o= line, the same for the whole call (RFC 4566 5.2). */
  readonly sessionId: number;
};

/** What an offer says of the stream. */
export type OfferedAudio = {
  readonly codecs: readonly CodecName[];
  /** The ways to protect it, best first; none: it is in clear. */
  readonly crypto: readonly CryptoAttribute[];
  /** Whether RTCP is to be on the port of RTP: where that was agreed on before. */
  readonly isRtcpMux: boolean;
  /** Whether telephone-event is offered. */
  readonly hasEvents: boolean;
};

/**
 * An offer (RFC 3264 5): the codecs in the given order, telephone-event where it is wanted, 20 ms. `version` counts up with every
 * description of the call, from 1. A string template, because it is written once per call: sdp-transform's writer costs some twenty times as much.
 */
export function writeOffer(
  local: LocalMedia,
  { codecs, crypto, hasEvents, isRtcpMux }: OfferedAudio,
  version: number,
): string {
  const payloads = offeredPayloads(codecs);
  const events = hasEvents ? offeredEventsFor(codecs) : [];
  const numbers = [...payloads, ...events].map(({ payloadType }) => payloadType).join(' ');
  const profile = crypto.length === 0 ? 'RTP/AVP' : 'RTP/SAVP';
  return (
    `${sessionLines(local, version)}m=audio ${local.port} ${profile} ${numbers}\r\n` +
    `${crypto.map(cryptoLine).join('')}${payloads.map(codecLines).join('')}${events.map(eventLines).join('')}` +
    `${ptimeLines(20)}a=sendrecv\r\n${muxLine(isRtcpMux)}`
  );
}

/** What an answer says of the stream that it takes. */
export type AnsweredAudio = {
  readonly remote: AudioDescription;
  /** The offered attribute's tag and suite with our own key; null: in clear. */
  readonly crypto: CryptoAttribute | null;
};

/**
 * The answer to an offer (RFC 3264 6 and 8): one line for every stream offered, all but the audio refused with port 0, profile and payload types
 * as the offer has them. `version` as in {@link writeOffer}.
 */
export function writeAnswer(local: LocalMedia, answered: AnsweredAudio, version: number): string {
  const streams = answered.remote.streams.map((stream) =>
    stream.isChosen
      ? chosenStreamLines(local, stream.protocol, answered)
      : `m=${stream.type} 0 ${stream.protocol} ${stream.payloads}\r\n`,
  );
  return sessionLines(local, version) + streams.join('');
}

/** What we answer to an offered direction (RFC 3264 6.1): we can always do both. */
export function answeredDirection(offered: MediaDirection): MediaDirection {
  if (offered === 'sendonly') return 'recvonly';
  return offered === 'recvonly' ? 'sendonly' : offered;
}

function chosenStreamLines(local: LocalMedia, profile: string, { remote, crypto }: AnsweredAudio): string {
  const { events, payloadType } = remote;
  return (
    `m=audio ${local.port} ${profile} ${payloadType}${events === null ? '' : ` ${events.payloadType}`}\r\n` +
    (crypto === null ? '' : cryptoLine(crypto)) +
    codecLines(remote) +
    (events === null ? '' : eventLines(events)) +
    `${ptimeLines(remote.ptimeMs)}a=${answeredDirection(remote.direction)}\r\n${muxLine(remote.isRtcpMux)}`
  );
}

/** We can take longer packets than these, but nobody should send them. */
function ptimeLines(ptimeMs: number): string {
  return `a=ptime:${ptimeMs}\r\na=maxptime:${mostPtimeMs}\r\n`;
}

function sessionLines(local: LocalMedia, version: number): string {
  const address = `IN IP${isIPv6(local.address) ? 6 : 4} ${local.address}`;
  return `v=0\r\no=- ${local.sessionId} ${version} ${address}\r\ns=-\r\nc=${address}\r\nt=0 0\r\n`;
}

function muxLine(isRtcpMux: boolean): string {
  return isRtcpMux ? 'a=rtcp-mux\r\n' : '';
}
