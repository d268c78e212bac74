import { AudioError } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { asciiAt } from './bytes.ts';
import { decodeOggFlac } from './decode-flac.ts';
import { decodeOggOpus } from './decode-opus.ts';
import { decodeOggVorbis } from './decode-vorbis.ts';
import { type OggPage, type OggStream, readOggPages } from './ogg-pages.ts';

const codecs = [
  { magic: 'OpusHead', decode: decodeOggOpus },
  { magic: '\x01vorbis', decode: decodeOggVorbis },
  { magic: '\x7fFLAC', decode: decodeOggFlac },
];

/** Decodes the first stream of an Ogg file that holds Opus, Vorbis or FLAC; others (video, a second piece that was appended) are passed over. Rejects with an AudioError. */
export async function decodeOgg(bytes: Uint8Array, sink: AudioSink): Promise<void> {
  for (const page of readOggPages(bytes)) {
    if (!page.isFirst) break;
    const codec = codecs.find(({ magic }) => asciiAt(bytes, page.bodyStart, magic));
    if (codec !== undefined) return codec.decode(streamOf(bytes, page), sink);
  }
  throw new AudioError('unsupported-format', 'the Ogg file holds neither Opus nor Vorbis nor FLAC');
}

function streamOf(bytes: Uint8Array, first: OggPage): OggStream {
  let lastGranule = 0;
  for (const page of readOggPages(bytes)) {
    if (page.serial === first.serial && page.granule !== null) lastGranule = page.granule;
  }
  return { bytes, serial: first.serial, header: bytes.subarray(first.bodyStart, first.end), lastGranule };
}
