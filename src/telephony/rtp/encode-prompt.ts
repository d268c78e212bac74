import { type CodecName, codecShapes } from '../audio/codec.ts';
import type { G711Codec } from '../audio/g711.ts';
import { G722Encoder } from '../audio/g722.ts';
import { encodeOpus, type OpusFrameMs } from '../audio/opus-encoder.ts';
import { resample } from '../audio/resample.ts';
import type { EncodedAudio, PromptCodes, PromptEncoding } from './prompt-encoding.ts';
import { g722Silence } from './silence.ts';

/** What a prompt is encoded from: its samples, or, where they were not kept, its A-law codes. */
export type PromptSource =
  | { readonly type: 'pcm'; readonly pcm: Int16Array; readonly sampleRate: number }
  | { readonly type: 'PCMA'; readonly codes: Uint8Array };

/** Silence after a prompt in G.722, until the decoder's predictor has forgotten it: 100 ms. */
const g722SettlingBytes = 800;

export type G711Codecs = Readonly<Record<'PCMA' | 'PCMU', G711Codec>>;

/** Opus packets of prompts have at most so many milliseconds. */
const opusFrames: Readonly<Record<string, OpusFrameMs>> = {
  'opus-10': 10,
  'opus-20': 20,
  'opus-40': 40,
  'opus-60': 60,
};

/** Encodes a prompt in each of the ways. CPU-bound: for a minute 0.5 s of resampling for each rate, 0.2 s for G.722, 2 s for Opus. */
export async function encodePrompt(
  source: PromptSource,
  encodings: readonly PromptEncoding[],
  g711: G711Codecs,
): Promise<PromptCodes> {
  const { pcm, sampleRate } =
    source.type === 'pcm' ? source : { pcm: decodeALaw(source.codes, g711), sampleRate: 8000 };
  const byRate = new Map<number, Int16Array>();
  const codes: Partial<Record<PromptEncoding, EncodedAudio>> = {};
  for (const encoding of encodings) {
    const rate = codecShapes[codecOf(encoding)].sampleRate;
    const samples = byRate.get(rate) ?? (await resample(pcm, sampleRate, rate));
    byRate.set(rate, samples);
    codes[encoding] = await encodeAs(encoding, samples, g711);
  }
  return codes;
}

function codecOf(encoding: PromptEncoding): CodecName {
  return encoding === 'PCMA' || encoding === 'PCMU' || encoding === 'G722' ? encoding : 'opus';
}

async function encodeAs(encoding: PromptEncoding, pcm: Int16Array, g711: G711Codecs): Promise<EncodedAudio> {
  if (encoding === 'PCMA' || encoding === 'PCMU') {
    const bytes = shared(pcm.length);
    g711[encoding].encode(pcm, bytes);
    return { bytes, frames: null };
  }
  if (encoding === 'G722') {
    return { bytes: encodeG722(pcm), frames: null };
  }
  const frameMs = opusFrames[encoding] ?? 20;
  return joined(await encodeOpus(pcm, frameMs), frameMs);
}

/** Begins where silence left the decoder, and ends there, so that the next loop, too, begins without a burst of noise. */
function encodeG722(pcm: Int16Array): Uint8Array<SharedArrayBuffer> {
  const length = pcm.length >> 1;
  const bytes = shared(length + g722SettlingBytes).fill(g722Silence, length);
  const encoder = new G722Encoder();
  encoder.settle(g722Silence);
  encoder.encode(pcm.subarray(0, 2 * length), bytes);
  return bytes;
}

function joined(packets: readonly Uint8Array[], frameMs: OpusFrameMs): EncodedAudio {
  const bytes = shared(packets.reduce((sum, packet) => sum + packet.length, 0));
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (packets.length + 1)));
  let at = 0;
  for (const [index, packet] of packets.entries()) {
    bytes.set(packet, at);
    at += packet.length;
    offsets[index + 1] = at;
  }
  return { bytes, frames: { offsets, samples: frameMs * 8 } };
}

function decodeALaw(codes: Uint8Array, { PCMA }: G711Codecs): Int16Array {
  const pcm = new Int16Array(codes.length);
  PCMA.decode(codes, pcm);
  return pcm;
}

function shared(length: number): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(new SharedArrayBuffer(length));
}
