import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SpeechAudio } from '../synthesizer.ts';
import type { SpeakReply, SpeakRequest } from './protocol.ts';

export type EspeakChildOptions = {
  readonly logger: Logger;
  readonly clock: Clock;
  /** A sentence that takes longer costs the child its life: it hangs. Milliseconds. */
  readonly requestTimeoutMs: number;
};

/** One espeak-ng process: started by the first request, started again by the first request after its death. */
export interface EspeakChild {
  /** Speaks one request. At a time only one; rejects retryably when the process dies or hangs, finally when espeak-ng refuses. */
  speak(request: Omit<SpeakRequest, 'id'>): Promise<SpeechAudio>;
  /** The running process's id; null: not running. */
  readonly pid: number | null;
  /** Ends the process; a request in flight rejects. Idempotent. */
  close(): Promise<void>;
}

type InFlight = {
  readonly id: number;
  readonly resolve: (audio: SpeechAudio) => void;
  readonly reject: (error: InfrastructureError) => void;
  readonly timer: Timer;
};

/** Creates the handle; no process is started yet. */
export function createEspeakChild(options: EspeakChildOptions): EspeakChild {
  const { logger, clock, requestTimeoutMs } = options;
  let child: ChildProcess | null = null;
  let inFlight: InFlight | null = null;
  let nextId = 1;

  function settle(): InFlight | null {
    const settled = inFlight;
    inFlight = null;
    settled?.timer.cancel();
    return settled;
  }

  function onGone(gone: ChildProcess, why: string): void {
    if (child !== gone) return;
    child = null;
    logger.warn({ childPid: gone.pid, why }, 'speech process ended');
    settle()?.reject(new InfrastructureError(`the speech process ended: ${why}`, { retryable: true }));
  }

  function start(): ChildProcess {
    const entry = fileURLToPath(
      new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url),
    );
    const started = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    started.stderr?.on('data', (data: Buffer) => logger.debug({ text: data.toString() }, 'speech process wrote'));
    started.on('message', (reply: SpeakReply) => {
      if (inFlight === null || reply.id !== inFlight.id) return;
      const settled = settle();
      if ('error' in reply) settled?.reject(new InfrastructureError(`espeak-ng: ${reply.error}`, { retryable: false }));
      else settled?.resolve({ pcm: reply.pcm, sampleRate: reply.sampleRate });
    });
    started.on('error', (error) => onGone(started, error.message));
    started.on('exit', (code, signal) => onGone(started, `exit ${code ?? signal}`));
    logger.info({ childPid: started.pid }, 'speech process started');
    return started;
  }

  return {
    get pid() {
      return child?.pid ?? null;
    },
    speak(request) {
      const running = child ?? start();
      child = running;
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const timer = clock.setTimer(() => {
          running.kill('SIGKILL');
          onGone(running, `no answer within ${requestTimeoutMs} ms`);
        }, requestTimeoutMs);
        inFlight = { id, resolve, reject, timer };
        running.send({ id, ...request }, (error) => {
          if (error !== null) onGone(running, error.message);
        });
      });
    },
    async close() {
      const running = child;
      child = null;
      settle()?.reject(new InfrastructureError('the speech synthesizer is closed', { retryable: false }));
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGKILL');
      await exited;
    },
  };
}
