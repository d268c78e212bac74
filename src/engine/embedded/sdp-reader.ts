import { isIP } from 'node:net';
import { type ParsedMedia, type ParsedSession, parse } from 'sdp-transform';
import type { CodecName } from '../../call/engine.ts';
import type { MediaAddress } from '../../telephony/rtp/media-types.ts';
import { canonicalAddress } from '../../telephony/sip/transport/ip-address.ts';
import { chooseCodec, chooseEvents, type EventMapping, packetTime } from './sdp-codecs.ts';
import { type CryptoAttribute, cryptoValues, readCrypto } from './sdp-crypto.ts';

/** Which way audio flows, from the side that wrote the description (RFC 4566 6). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The audio stream of a far side's offer or answer, as far as it is of use here. */
export type AudioDescription = {
  /** IPv4 or IPv6, in its one spelling. */
  readonly address: string;
  readonly port: number;
  /** Where it wants RTCP (RFC 3605); null: it does not say, and means the port above. */
  readonly rtcp: MediaAddress | null;
  /** Whether it can take RTCP on the port of RTP (RFC 5761). */
  readonly isRtcpMux: boolean;
  readonly codec: CodecName;
  readonly payloadType: number;
  /** How the far side wants RFC 4733 events sent; null: it speaks none, or they are not wanted. */
  readonly events: EventMapping | null;
  /** How long our packets may be, 10 to 60. */
  readonly ptimeMs: number;
  readonly direction: MediaDirection;
  /** The ways to protect the stream that can be used, in the far side's order; none: it is in clear. */
  readonly crypto: readonly CryptoAttribute[];
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

/** The addresses that RFC 2543 used for hold; RFC 3264 8.4 asks to understand it. */
const holdAddresses: readonly string[] = ['0.0.0.0', '::'];

/** What a description may say to be usable. */
export type SdpTerms = {
  /** The codecs that may be used. */
  readonly codecs: readonly CodecName[];
  /** Whether telephone-event may be used. */
  readonly hasEvents: boolean;
  /** sdes: SRTP with keys in the description and nothing else; none: audio in clear and nothing else. */
  readonly encryption: 'none' | 'sdes';
  /** Of the address that our side has: a stream cannot go from one family to the other. */
  readonly family: 4 | 6;
};

/**
 * Reads the description that the far side sent as answer or offer (RFC 3264, RFC 4566), and decides whether it is usable: the one place where that is
 * decided. The reasons are for people, and go into the record of the call.
 *
 * The far side's own order of codecs decides, as RFC 3264 6.1 recommends for an answer and 5.1 says of an offer. A stream with port 0 is a refused
 * one (RFC 3264 6). The first audio stream of the right kind is used: who offers audio in clear or encrypted writes two. Feedback (RFC 4585) and ICE
 * candidates are passed over: a far side that offers them has to do without where the answer doesn't have them.
 */
export function readSdp(text: string, terms: SdpTerms): SdpReading {
  const session = parse(text);
  const streams = session.media.filter((candidate) => candidate.type === 'audio' && candidate.port !== 0);
  const media = streams.find((stream) => profileProblem(stream.protocol, terms) === null) ?? streams[0];
  if (media === undefined) return unusable(session.media.length === 0 ? 'no media described' : 'audio refused');
  const address = (media.connection ?? session.connection)?.ip ?? '';
  const chosen = chooseCodec(media, terms.codecs);
  const problem =
    profileProblem(media.protocol, terms) ?? portProblem(media.port) ?? addressProblem(address, terms.family);
  if (problem !== null) return unusable(problem);
  if (chosen === null) return unusable('no common codec');
  const crypto = terms.encryption === 'sdes' ? readKeys(cryptoValues(text)[session.media.indexOf(media)] ?? []) : [];
  if (typeof crypto === 'string') return unusable(crypto);
  const audio: AudioDescription = {
    address: canonicalAddress(address),
    port: media.port,
    rtcp: rtcpAddress(media, address, terms.family),
    isRtcpMux: media.rtcpMux !== undefined,
    codec: chosen.codec,
    payloadType: chosen.payloadType,
    events: terms.hasEvents ? chooseEvents(media, chosen.codec) : null,
    ptimeMs: packetTime(media),
    direction: directionOf(session, media, address),
    crypto,
    streams: session.media.map((line) => ({
      type: line.type,
      protocol: line.protocol,
      payloads: String(line.payloads ?? '0'),
      isChosen: line === media,
    })),
  };
  return { isUsable: true, audio };
}

/** What is wrong with a stream's profile; null: nothing. The ones with feedback are answered as they are (RFC 4585 3.1, RFC 5124 3). */
function profileProblem(protocol: string, { encryption }: SdpTerms): string | null {
  const isSecure = protocol === 'RTP/SAVP' || protocol === 'RTP/SAVPF';
  const isClear = protocol === 'RTP/AVP' || protocol === 'RTP/AVPF';
  if (!isSecure && !isClear) return `unsupported transport ${protocol}`;
  if (encryption === 'sdes') return isSecure ? null : `audio in clear (${protocol}) where encryption is required`;
  return isClear ? null : `encrypted audio (${protocol}) where none was asked for`;
}

function portProblem(port: number): string | null {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? null : 'bad media port';
}

function addressProblem(address: string, family: 4 | 6): string | null {
  if (address === '') return 'no media address';
  // A name in place of the address (RFC 4566 5.7) would have to be looked up while the call waits; nobody sends one.
  if (isIP(address) === 0) return `media address is not an IP address: ${address}`;
  if (address.includes('%')) return `media address with a zone: ${address}`;
  if (holdAddresses.includes(address) || isIP(canonicalAddress(address)) === family) return null;
  return `media address ${address} is not IPv${family} as ours is`;
}

/** An address that cannot be used is passed over with its port: a call is not worth less for its reports. */
function rtcpAddress({ rtcp }: ParsedMedia, audioAddress: string, family: 4 | 6): MediaAddress | null {
  if (rtcp === undefined || portProblem(rtcp.port) !== null) return null;
  const address = rtcp.address ?? audioAddress;
  return addressProblem(address, family) === null ? { address: canonicalAddress(address), port: rtcp.port } : null;
}

/** The keys that can be used; a text: why none can. */
function readKeys(values: readonly string[]): readonly CryptoAttribute[] | string {
  const readings = values.map(readCrypto);
  const usable = readings.flatMap((reading) => (reading.isUsable ? [reading.attribute] : []));
  if (usable.length > 0) return usable;
  const [first] = readings;
  return first === undefined || first.isUsable ? 'encrypted audio without a crypto attribute' : first.reason;
}

function unusable(reason: string): SdpReading {
  return { isUsable: false, reason };
}

function directionOf(session: ParsedSession, media: ParsedMedia, address: string): MediaDirection {
  const direction = media.direction ?? session.direction ?? 'sendrecv';
  if (!holdAddresses.includes(address)) return direction;
  return direction === 'recvonly' || direction === 'inactive' ? 'inactive' : 'sendonly';
}
