import type { CodecName } from '../src/call/engine.ts';
import { createG711Codec } from '../src/telephony/audio/g711.ts';
import { G722Encoder } from '../src/telephony/audio/g722.ts';
import { generateTones } from '../src/telephony/audio/tones.ts';

/** A codec that both contenders can play without transcoding. */
export type BenchCodec = {
  readonly name: CodecName;
  readonly payloadType: number;
  /** What Asterisk calls it, which is also the extension of its files. */
  readonly asteriskName: string;
  /** Of what is encoded, Hz. */
  readonly sampleRate: number;
  encode(pcm: Int16Array): Uint8Array;
};

const promptMs = 30_000;
const promptHz = 440;

const codecs: readonly BenchCodec[] = [
  { name: 'PCMA', payloadType: 8, asteriskName: 'alaw', sampleRate: 8000, encode: encodeBy('PCMA') },
  { name: 'PCMU', payloadType: 0, asteriskName: 'ulaw', sampleRate: 8000, encode: encodeBy('PCMU') },
  { name: 'G722', payloadType: 9, asteriskName: 'g722', sampleRate: 16_000, encode: encodeG722 },
];

/** Throws for a codec that is not compared. */
export function benchCodec(name: string): BenchCodec {
  const codec = codecs.find((each) => each.name === name);
  if (codec === undefined) throw new Error(`the codecs are ${codecs.map((each) => each.name).join(', ')}`);
  return codec;
}

/** The prompt of both contenders: 30 s of a tone, mono. */
export function benchPrompt(sampleRate: number): Int16Array {
  return generateTones([{ frequencyHz: promptHz, durationMs: promptMs }], sampleRate);
}

function encodeBy(law: 'PCMA' | 'PCMU'): BenchCodec['encode'] {
  return (pcm) => {
    const codes = new Uint8Array(pcm.length);
    createG711Codec(law).encode(pcm, codes);
    return codes;
  };
}

function encodeG722(pcm: Int16Array): Uint8Array {
  const codes = new Uint8Array(pcm.length / 2);
  new G722Encoder().encode(pcm, codes);
  return codes;
}
