import type { Utterance } from '../ssml/utterance.ts';

/** What the synthesizer asks of its child process, by IPC with `advanced` serialization. One request at a time. */
export type SpeakRequest = {
  readonly id: number;
  /** An espeak-ng voice with variant, e.g. `roa/fr+m3`. */
  readonly voice: string;
  /** In espeak-ng's markup. */
  readonly utterances: readonly Utterance[];
};

export type SpeakReply =
  | { readonly id: number; readonly pcm: Int16Array; readonly sampleRate: number }
  /** espeak-ng refused; the same request would fail again. */
  | { readonly id: number; readonly error: string };
