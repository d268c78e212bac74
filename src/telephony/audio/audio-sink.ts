/** What a decoder gives out at a time: one array per channel, full scale is -1 to 1. */
export type AudioBlock = { readonly channelData: readonly Float32Array[]; readonly sampleRate: number };

/** Where a decoder puts the sound of a file, block by block and in order, so that it is never in memory as a whole. */
export interface AudioSink {
  /** Takes a block, whose arrays are the decoder's again afterwards. Rejects with an AudioError when the sound cannot be used; then decoding ends. */
  add(block: AudioBlock): Promise<void>;
}
