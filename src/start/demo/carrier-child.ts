import { type ChildProcess, fork } from 'node:child_process';
import type { CarrierMessage } from '../../simulator/carrier-messages.ts';

export type CarrierChildOptions = {
  readonly host: string;
  readonly rtpPorts: string;
  readonly seed: number;
  readonly ledgerFile: string;
  /** An open file for its log. */
  readonly output: number;
};

/** The simulated carrier in a process of its own. */
export class CarrierChild {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts it on any free port. Rejects with what it says when it cannot start. */
  static start(options: CarrierChildOptions): Promise<CarrierChild> {
    const args = [
      '--host',
      options.host,
      '--port',
      '0',
      '--rtp-ports',
      options.rtpPorts,
      '--ledger',
      options.ledgerFile,
    ];
    const entry = new URL(`../../simulator/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const child = fork(entry, [...args, '--seed', String(options.seed)], {
      // A process group of its own: Ctrl-C is the demo's business.
      detached: true,
      stdio: ['ignore', options.output, options.output, 'ipc'],
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new Error(`the simulated carrier ended with code ${code}; its log says why`)),
      );
      child.on('message', (message: CarrierMessage) => {
        if (message.type === 'ready') resolve(new CarrierChild(child, message.port));
        if (message.type === 'failed') reject(new Error(`the simulated carrier did not start: ${message.reason}`));
      });
    });
  }

  /** Hangs up what is left and waits until it is gone. Idempotent. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await gone;
  }
}
