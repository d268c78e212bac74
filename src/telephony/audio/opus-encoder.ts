/** The lengths of a frame that prompts are encoded with, ms. */
export type OpusFrameMs = 10 | 20 | 40 | 60;

/** Wideband speech: 16 to 20 kbit/s are recommended (RFC 7587 3.1.1), and what is repeated against loss takes some. */
const bitrate = 24_000;

/**
 * Encodes audio of 16 kHz, from a fresh state, into packets of one frame each; filled up with silence to whole frames, and so that the end comes out of the
 * codec's delay (6.5 ms). Takes some 35 ms of CPU per second of audio, once per prompt. Rejects when the library cannot be loaded.
 */
export async function encodeOpus(pcm: Int16Array, frameMs: OpusFrameMs): Promise<readonly Uint8Array[]> {
  const { Application, createEncoder, Signal } = await import('libopus-wasm');
  const frameSize = frameMs * 16;
  const encoder = await createEncoder({
    sampleRate: 16_000,
    channels: 1,
    application: Application.Voip,
    signal: Signal.Voice,
    bitrate,
    frameSize,
    // What was lost can be taken from the packet after it, where the far side knows how.
    fec: true,
    packetLossPercent: 5,
  });
  try {
    const packets: Uint8Array[] = [];
    const frame = new Int16Array(frameSize);
    const end = pcm.length + encoder.getLookahead();
    for (let at = 0; at < end; at += frameSize) {
      const part = pcm.subarray(at, at + frameSize);
      frame.fill(0, part.length);
      frame.set(part);
      packets.push(encoder.encode(frame));
    }
    return packets;
  } finally {
    encoder.free();
  }
}
