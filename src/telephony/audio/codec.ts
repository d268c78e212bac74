/** The codecs that are spoken, by their names in SDP. */
export type CodecName = 'PCMA' | 'PCMU' | 'G722' | 'opus';

/** What RTP has to know of a codec. */
export type CodecShape = {
  /**
   * Of RTP timestamps, Hz. G.722's is 8000, though it samples at 16,000: a mistake in an old RFC that stayed (RFC 3551 4.5.2). Opus's is
   * always 48,000 (RFC 7587 4.1).
   */
  readonly clockRate: number;
  /** Of the samples that it is given to encode, Hz. */
  readonly sampleRate: number;
  /** RFC 3551 table 4; null: a payload type is agreed on. */
  readonly staticPayloadType: number | null;
};

export const codecShapes: Readonly<Record<CodecName, CodecShape>> = {
  PCMA: { clockRate: 8000, sampleRate: 8000, staticPayloadType: 8 },
  PCMU: { clockRate: 8000, sampleRate: 8000, staticPayloadType: 0 },
  G722: { clockRate: 8000, sampleRate: 16_000, staticPayloadType: 9 },
  opus: { clockRate: 48_000, sampleRate: 16_000, staticPayloadType: null },
};

/** Decodes the packets of one stream, in order, to 8 kHz mono whatever the codec. */
export interface PacketDecoder {
  /** Decodes a packet's payload into `out`. Returns how many samples there were, at most `out.length`; 0: it could not be decoded. */
  decode(payload: Uint8Array, out: Int16Array): number;
  /** Fills `out` in place of a packet that was lost. `next`: the payload of the one right after it, where that has come. */
  conceal(out: Int16Array, next: Uint8Array | null): void;
  /** Frees what it holds; it is not used afterwards. */
  close(): void;
}
