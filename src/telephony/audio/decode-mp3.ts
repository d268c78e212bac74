import { decoder } from '@audio/decode-mp3';
import { AudioError } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { findMp3Start } from './mp3-frame.ts';

/** One minute at 32 kbit/s to six seconds at 320: what one piece decodes to stays small. */
const pieceBytes = 65_536;

/** Decodes an MPEG layer III file (any version, constant or variable bit rate; encoder delay is cut off where the file tells it). Rejects with an AudioError. */
export async function decodeMp3(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  const start = findMp3Start(bytes);
  if (start === null) throw new AudioError('not-decodable', 'the mp3 file is damaged');
  const mp3 = await decoder();
  try {
    for (let offset = start; offset < bytes.length; offset += pieceBytes) {
      await sink.add(mp3.decode(bytes.subarray(offset, offset + pieceBytes)));
    }
  } finally {
    mp3.free();
  }
}
