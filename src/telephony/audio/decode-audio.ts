import { messageOf } from '../../lib/errors.ts';
import { AudioError } from './audio-error.ts';
import { decodeMp3 } from './decode-mp3.ts';
import { decodeWav } from './decode-wav.ts';
import type { DecodedAudio } from './mono-collector.ts';
import { sniffAudio } from './sniff-audio.ts';

/**
 * Decodes a voice file to mono 16 bit at its own sample rate. The content decides what it is; `nameOrExtension` only helps to say what is wrong with
 * a file that is none of the known formats. Rejects with an {@link AudioError} whatever the bytes are.
 * CPU-bound, and the mp3 decoder may take very long for damaged input: for files from outside use `createAudioDecoder`.
 */
export async function decodeAudio(bytes: Uint8Array, nameOrExtension: string): Promise<DecodedAudio> {
  if (bytes.length === 0) throw new AudioError('empty', 'the file is empty');
  // A plain view: a Buffer's `slice` shares memory where the decoders count on a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = sniffAudio(plain);
  try {
    switch (format) {
      case 'wav':
        return decodeWav(plain);
      case 'mp3':
        return await decodeMp3(plain);
      case 'm4a':
      case 'ogg':
      case 'flac':
        throw new AudioError('unsupported-format', `${format} is not supported yet, convert the file to wav or mp3`);
      case null:
        throw new AudioError('not-decodable', unknownMessage(nameOrExtension));
    }
  } catch (error) {
    if (error instanceof AudioError) throw error;
    throw new AudioError('not-decodable', `the ${format} file is damaged: ${messageOf(error)}`, { cause: error });
  }
}

function unknownMessage(nameOrExtension: string): string {
  const extension = /([a-z0-9]{1,5})$/i.exec(nameOrExtension)?.[1]?.toLowerCase();
  const isAudioName = extension === 'wav' || extension === 'mp3';
  return isAudioName
    ? `the name says ${extension}, but the content is neither wav nor mp3`
    : 'the content is neither wav nor mp3';
}
