import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InfrastructureError } from '../../../lib/errors.ts';
import type { AacReply, AacRequest } from './protocol.ts';

/** A process that decodes one AAC or ALAC stream. */
export interface AacProcess {
  /** One request at a time. Rejects retryably when the process dies. */
  ask(request: AacRequest): Promise<AacReply>;
  /** Ends the process. Idempotent. */
  close(): void;
}

type Waiting = { readonly resolve: (reply: AacReply) => void; readonly reject: (error: InfrastructureError) => void };

/** Starts the process. It ends by itself when the thread that started it does. */
export function startAacProcess(): AacProcess {
  const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url));
  const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  let waiting: Waiting | null = null;
  let end: string | null = null;
  const settle = (): Waiting | null => {
    const settled = waiting;
    waiting = null;
    return settled;
  };
  const onGone = (why: string): void => {
    end ??= why;
    settle()?.reject(new InfrastructureError(`the AAC process ended: ${why}`, { retryable: true }));
  };
  child.on('message', (reply: AacReply) => settle()?.resolve(reply));
  child.on('error', (error) => onGone(error.message));
  child.on('exit', (code, signal) => onGone(`exit ${code ?? signal}`));
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (end !== null) return onGone(end);
        child.send(request, (error) => {
          if (error !== null) onGone(error.message);
        });
      });
    },
    close() {
      child.kill('SIGKILL');
    },
  };
}
