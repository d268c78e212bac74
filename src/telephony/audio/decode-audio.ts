import { InfrastructureError, messageOf } from '../../lib/errors.ts';
import { AudioError } from './audio-error.ts';
import type { AudioSink } from './audio-sink.ts';
import { decodeAdts, decodeMp4 } from './decode-aac.ts';
import { decodeFlac } from './decode-flac.ts';
import { decodeMp3 } from './decode-mp3.ts';
import { decodeOgg } from './decode-ogg.ts';
import { decodeWav } from './decode-wav.ts';
import { type AudioFormat, sniffAudio, sniffOther } from './sniff-audio.ts';

/**
 * Decodes a voice file into `sink`, channel by channel and at its own sample rate, in pieces that stay small whatever the file says. The content decides what
 * it is; `nameOrExtension` only helps to say what is wrong with a file that is none of the known formats. Resolves to the format; rejects with an {@link AudioError}
 * whatever the bytes are, and with an InfrastructureError when a process that is needed dies.
 * CPU-bound, and some decoders may take very long for damaged input: for files from outside use `createAudioDecoder`.
 */
export async function decodeAudio(bytes: Uint8Array, nameOrExtension: string, sink: AudioSink): Promise<AudioFormat> {
  if (bytes.length === 0) throw new AudioError('empty', 'the file is empty');
  // A plain view: a Buffer's `slice` shares memory where the decoders count on a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = sniffAudio(plain);
  if (format === null) throw unknownFormat(plain, nameOrExtension);
  try {
    await decodeAs(format, plain, sink);
    return format;
  } catch (error) {
    if (error instanceof InfrastructureError) throw error;
    const [reason, what] =
      error instanceof AudioError
        ? [error.reason, error.message]
        : (['not-decodable', `it is damaged: ${messageOf(error)}`] as const);
    throw new AudioError(reason, `${what} (by its content it is ${format})`, { format, cause: error });
  }
}

function decodeAs(format: AudioFormat, bytes: Uint8Array, sink: AudioSink): Promise<void> {
  switch (format) {
    case 'wav':
      return decodeWav(bytes, sink);
    case 'mp3':
      return decodeMp3(bytes, sink);
    case 'm4a':
      return decodeMp4(bytes, sink);
    case 'aac':
      return decodeAdts(bytes, sink);
    case 'ogg':
      return decodeOgg(bytes, sink);
    case 'flac':
      return decodeFlac(bytes, sink);
  }
}

const known = 'wav, mp3, m4a, aac, ogg and flac';

function unknownFormat(bytes: Uint8Array, nameOrExtension: string): AudioError {
  const other = sniffOther(bytes);
  if (other !== null) {
    return new AudioError('unsupported-format', `the content is ${other}; what can be used is ${known}`);
  }
  const extension = /\.([a-z0-9]{1,5})$/i.exec(nameOrExtension)?.[1]?.toLowerCase();
  const claim = extension === undefined ? '' : `the name says ${extension}, but `;
  return new AudioError('not-decodable', `${claim}the content is none of ${known}`);
}
