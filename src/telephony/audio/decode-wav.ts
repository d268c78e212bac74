import { decoder } from '@audio/decode-wav';
import { refuseTooLong } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { readWavLayout, type WavLayout } from './wav-header.ts';

/** About so much is decoded at a time. The decoder's floats take 4 bytes a sample, so a whole file at once would take several times its size. */
const pieceBytes = 262_144;

/**
 * Decodes a WAV file: PCM of 8, 16, 24, 32 bits, float of 32 and 64, A-law, u-law, IMA and Microsoft ADPCM, plain or extensible, up to 32 channels.
 * Rejects with an AudioError.
 */
export async function decodeWav(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  const layout = readWavLayout(bytes);
  const blocks = Math.floor((layout.dataEnd - layout.dataStart) / layout.blockBytes);
  refuseTooLong(blocks * layout.samplesPerBlock, layout.sampleRate);
  const wav = decoder();
  try {
    // The structure has been read and checked; the decoder gets a plain one, for its own reader trips over odd chunk lengths.
    wav.decode(plainHeader(layout));
    const step = Math.max(1, Math.floor(pieceBytes / layout.blockBytes)) * layout.blockBytes;
    for (let offset = layout.dataStart; offset + layout.blockBytes <= layout.dataEnd; offset += step) {
      await sink.add(wav.decode(bytes.subarray(offset, Math.min(layout.dataEnd, offset + step))));
    }
  } finally {
    wav.free();
  }
}

function plainHeader({ format }: WavLayout): Uint8Array {
  const header = new Uint8Array(20 + format.length + 8);
  const view = new DataView(header.buffer);
  const text = (offset: number, value: string): void => {
    for (let index = 0; index < value.length; index += 1) header[offset + index] = value.charCodeAt(index);
  };
  text(0, 'RIFF');
  view.setUint32(4, 0xffffffff, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, format.length, true);
  header.set(format, 20);
  text(20 + format.length, 'data');
  // "To the end of the stream": the pieces that follow.
  view.setUint32(24 + format.length, 0xffffffff, true);
  return header;
}
