import { type CodecName, codecShapes } from '../audio/codec.ts';
import type { G711Codec } from '../audio/g711.ts';
import { createOpusDecoder } from '../audio/opus-decoder.ts';
import { createG711Decoder, createG722Decoder } from '../audio/packet-decoders.ts';
import type { RemoteMedia } from './media-types.ts';
import type { ReceivedCodec, ReceivedCodecs } from './received-audio.ts';

/** The static payload type of comfort noise (RFC 3389 4). */
const comfortNoisePayloadType = 13;

/** What a media thread decodes, one of each for all of its sessions. */
export type ThreadCodecs = Readonly<Record<CodecName, ReceivedCodec>>;

/** The G.711 tables are shared by all streams of the thread; the others have a state for each, and Opus costs nothing before its first stream. */
export function createThreadCodecs(g711: Readonly<Record<'PCMA' | 'PCMU', G711Codec>>): ThreadCodecs {
  return {
    PCMA: { ...codecShapes.PCMA, createDecoder: () => createG711Decoder(g711.PCMA) },
    PCMU: { ...codecShapes.PCMU, createDecoder: () => createG711Decoder(g711.PCMU) },
    G722: { ...codecShapes.G722, createDecoder: createG722Decoder },
    opus: { ...codecShapes.opus, createDecoder: createOpusDecoder },
  };
}

/**
 * What a far side may send, by payload type: what our own description maps (RFC 3264 5.1), what the far side maps, for those that send as they want to
 * receive, and comfort noise, which comes from far sides that save on silence whether it was offered or not.
 */
export function receivedCodecs(remote: RemoteMedia, codecs: ThreadCodecs): ReceivedCodecs {
  const received = new Map<number, ReceivedCodec | 'comfort-noise'>([[comfortNoisePayloadType, 'comfort-noise']]);
  received.set(remote.payloadType, codecs[remote.codec]);
  for (const { payloadType, codec } of remote.ownPayloads ?? []) received.set(payloadType, codecs[codec]);
  return received;
}
