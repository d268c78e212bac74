import { createG711Codec, type G711Law } from '../../src/telephony/audio/g711.ts';

const codecs = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };

/** What comes out of a line of that law. */
export function throughLaw(pcm: Int16Array, law: G711Law): Int16Array<ArrayBuffer> {
  const codes = new Uint8Array(pcm.length);
  const heard = new Int16Array(pcm.length);
  codecs[law].encode(pcm, codes);
  codecs[law].decode(codes, heard);
  return heard;
}
