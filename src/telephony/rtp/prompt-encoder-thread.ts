import { isMainThread, parentPort } from 'node:worker_threads';
import { messageOf } from '../../lib/errors.ts';
import { createG711Codec, type G711Codec } from '../audio/g711.ts';
import { resample } from '../audio/resample.ts';
import type { WorkerReply } from '../audio/worker-queue.ts';
import type { PromptPcm } from './media-types.ts';
import type { EncodedPrompt } from './thread-protocol.ts';

/** The entry of the prompt encoder's worker: a {@link PromptPcm} in, an {@link EncodedPrompt} out. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const codecs = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
  port.on('message', (prompt: PromptPcm) => {
    void encode(prompt, codecs).then((reply) => port.postMessage(reply));
  });
}

async function encode(
  prompt: PromptPcm,
  codecs: { readonly PCMA: G711Codec; readonly PCMU: G711Codec },
): Promise<WorkerReply<EncodedPrompt, string>> {
  try {
    const pcm = await resample(prompt.pcm, prompt.sampleRate, 8000);
    const codes = { PCMA: shared(pcm, codecs.PCMA), PCMU: shared(pcm, codecs.PCMU) };
    return { ok: true, value: { promptKey: prompt.promptKey, codes } };
  } catch (error) {
    return { ok: false, failure: messageOf(error) };
  }
}

function shared(pcm: Int16Array, codec: G711Codec): Uint8Array<SharedArrayBuffer> {
  const codes = new Uint8Array(new SharedArrayBuffer(pcm.length));
  codec.encode(pcm, codes);
  return codes;
}
