import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { AudioError, refuseTooLong } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { type OggStream, readOggPages } from './ogg-pages.ts';

const mostChannels = 8;

/**
 * Decodes Ogg Vorbis, page by page: a page holds at most 255 packets of 4,096 samples, 8 MB a channel, however small it is. Rejects with an
 * AudioError.
 */
export async function decodeOggVorbis(stream: OggStream, sink: AudioSink): Promise<void> {
  const { bytes, header } = stream;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.length < 30) throw new AudioError('not-decodable', 'the Vorbis header is damaged');
  const channels = view.getUint8(11);
  const sampleRate = view.getUint32(12, true);
  if (channels < 1 || channels > mostChannels || sampleRate === 0) {
    throw new AudioError('not-decodable', `Vorbis of ${channels} channels at ${sampleRate} Hz is not supported`);
  }
  refuseTooLong(stream.lastGranule, sampleRate);
  const vorbis = new OggVorbisDecoder();
  await vorbis.ready;
  try {
    for (const page of readOggPages(bytes)) {
      if (page.serial !== stream.serial) continue;
      const { channelData } = await vorbis.decode(bytes.subarray(page.start, page.end));
      await sink.add({ channelData, sampleRate });
    }
    const { channelData } = await vorbis.flush();
    await sink.add({ channelData, sampleRate });
  } finally {
    vorbis.free();
  }
}
