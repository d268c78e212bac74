import type { GaplessBoxes } from '../mp4-track.ts';

/** What is asked of the AAC process, by IPC with `advanced` serialization: first `open`, then `decode` as often as needed, one at a time. */
export type AacRequest =
  | { readonly kind: 'open'; readonly stream: AacStream }
  /** Whole frames, in order. */
  | { readonly kind: 'decode'; readonly frames: readonly Uint8Array[] };

/** `adts` streams say in each frame what they are, the others before. */
export type AacStream =
  | { readonly kind: 'adts' }
  | { readonly kind: 'aac' | 'alac'; readonly config: Uint8Array; readonly gapless: GaplessBoxes };

export type AacReply =
  | { readonly ok: true; readonly channelData: readonly Float32Array[]; readonly sampleRate: number }
  | { readonly ok: false; readonly error: string };
