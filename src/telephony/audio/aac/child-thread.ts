import { parentPort } from 'node:worker_threads';
import { decoder, gapless } from '@audio/decode-aac';
import { messageOf } from '../../../lib/errors.ts';
import type { AacReply, AacRequest, AacStream } from './protocol.ts';

/** The thread of the AAC process that decodes; see `child.ts`. */

type Decoder = Awaited<ReturnType<typeof decoder>>;

const nothing = { ok: true, channelData: [], sampleRate: 0 } as const;
let current: Decoder | null = null;
let isBare = false;

parentPort?.on('message', (request: AacRequest) => {
  answer(request).then(
    (reply) => parentPort?.postMessage(reply),
    (error: unknown) => parentPort?.postMessage({ ok: false, error: messageOf(error) }),
  );
});

async function answer(request: AacRequest): Promise<AacReply> {
  switch (request.kind) {
    case 'open':
      isBare = request.stream.kind === 'adts';
      current = await open(request.stream);
      return nothing;
    case 'decode': {
      if (current === null) return { ok: false, error: 'no stream is open' };
      // A bare stream comes as one run of bytes, the frames of a container one by one.
      const data = isBare ? Buffer.concat(request.frames) : [...request.frames];
      const { channelData, sampleRate } = current.decode(data);
      return { ok: true, channelData, sampleRate };
    }
  }
}

function open(stream: AacStream): Promise<Decoder> {
  switch (stream.kind) {
    case 'adts':
      return decoder();
    case 'aac':
    case 'alac': {
      const config = stream.kind === 'aac' ? { asc: stream.config } : { alac: stream.config };
      const window = gapless({ ...stream.gapless, ...config });
      return decoder({ ...config, ...(window !== null && { gapless: window }) });
    }
  }
}
