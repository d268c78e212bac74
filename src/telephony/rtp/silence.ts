import type { G711Codec } from '../audio/g711.ts';
import type { PromptEncoding } from './prompt-encoding.ts';

/** The longest packet, in samples of 8 kHz: 60 ms. */
const mostSamples = 480;

/**
 * A code of G.722 that makes both bands fade to nothing, from whatever was before. What an encoder makes of silence wavers, and, cut into packets that repeat, hums.
 */
export const g722Silence = 0xfc;

/** What our encoder makes of silence once it has settled: a packet each. They decode to samples of magnitude 1 at most. */
const opusSilence = {
  'opus-10': '4007c948e6d5',
  'opus-20': '4807c979c8c957c0',
  'opus-40': '5003e4bce466e33c3cb5088a6b2140',
  'opus-60': '5801f25e7236921f05fa478d692c8f200afbfb2b20',
} as const;

/** The silence that is sent where nothing plays, one payload for all sessions of a thread. */
export class Silence {
  readonly #payloads: Record<PromptEncoding, Uint8Array>;

  constructor(g711: Readonly<Record<'PCMA' | 'PCMU', G711Codec>>) {
    this.#payloads = {
      PCMA: new Uint8Array(mostSamples).fill(g711.PCMA.silence),
      PCMU: new Uint8Array(mostSamples).fill(g711.PCMU.silence),
      G722: new Uint8Array(mostSamples).fill(g722Silence),
      'opus-10': Buffer.from(opusSilence['opus-10'], 'hex'),
      'opus-20': Buffer.from(opusSilence['opus-20'], 'hex'),
      'opus-40': Buffer.from(opusSilence['opus-40'], 'hex'),
      'opus-60': Buffer.from(opusSilence['opus-60'], 'hex'),
    };
  }

  /** At least one packet's payload, of which so much is sent as the packet holds; for Opus exactly one. */
  payload(encoding: PromptEncoding): Uint8Array {
    return this.#payloads[encoding];
  }
}
