import { isMainThread, parentPort } from 'node:worker_threads';
import { messageOf } from '../../lib/errors.ts';
import { createG711Codec } from '../audio/g711.ts';
import type { WorkerReply } from '../audio/worker-queue.ts';
import { encodePrompt, type G711Codecs, type PromptSource } from './encode-prompt.ts';
import type { PromptCodes, PromptEncoding } from './prompt-encoding.ts';

/** What the prompt encoder is asked for. */
export type EncodeRequest = { readonly source: PromptSource; readonly encodings: readonly PromptEncoding[] };

/** The entry of the prompt encoder's worker: an {@link EncodeRequest} in, {@link PromptCodes} out. */
if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const g711 = { PCMA: createG711Codec('PCMA'), PCMU: createG711Codec('PCMU') };
  port.on('message', (request: EncodeRequest) => {
    void encode(request, g711).then((reply) => port.postMessage(reply));
  });
}

async function encode(
  { source, encodings }: EncodeRequest,
  g711: G711Codecs,
): Promise<WorkerReply<PromptCodes, string>> {
  try {
    return { ok: true, value: await encodePrompt(source, encodings, g711) };
  } catch (error) {
    return { ok: false, failure: messageOf(error) };
  }
}
