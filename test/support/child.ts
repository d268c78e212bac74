import { type ChildProcess, spawn } from 'node:child_process';
import { until } from './until.ts';

export type ChildOptions = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How to get the command when the machine lacks it; part of the error. */
  readonly install?: string;
};

/** A program under test or a peer, with all that it wrote. */
export interface Child {
  readonly pid: number;
  /** Standard output and error, in the order they came. */
  output(): string;
  /** null while it runs. A signal counts as 128. */
  exitCode(): number | null;
  waitForExit(timeoutMs: number): Promise<number>;
  waitForOutput(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** SIGTERM, once more after `graceMs`, and SIGKILL when that does not help either. Idempotent. */
  stop(graceMs?: number): Promise<void>;
}

/** Starts a program. Rejects, with the install command, when there is no such program. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { command, args, cwd, env, install } = options;
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (cause) => {
      reject(
        new Error(`cannot start ${command}${install === undefined ? '' : `; install it with: ${install}`}`, { cause }),
      );
    });
  });
  return watch(child, pid, command);
}

function watch(child: ChildProcess, pid: number, command: string): Child {
  let written = '';
  const keep = (data: Buffer): void => {
    written += data.toString();
    // The end tells why something failed; a verbose hour need not be kept.
    if (written.length > 4_000_000) written = written.slice(-2_000_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // A peer that is gone does not take input any more.
  child.stdin?.on('error', () => undefined);
  const exitCode = (): number | null => child.exitCode ?? (child.signalCode === null ? null : 128);
  const tail = (): string => `the end of what ${command} wrote:\n${written.slice(-6000)}`;
  const waitForExit = (timeoutMs: number): Promise<number> =>
    until(() => (exitCode() === null ? null : { code: exitCode() ?? 0 }), {
      what: `${command} to exit`,
      timeoutMs,
      everyMs: 20,
      detail: tail,
    }).then(({ code }) => code);
  return {
    pid,
    output: () => written,
    exitCode,
    waitForExit,
    waitForOutput: (pattern, timeoutMs) =>
      until(
        () => {
          const found = pattern.exec(written);
          if (found === null && exitCode() !== null) throw new Error(`${command} exited (${exitCode()}); ${tail()}`);
          return found;
        },
        { what: `${command} to write ${pattern}`, timeoutMs, everyMs: 20, detail: tail },
      ),
    async stop(graceMs = 5000) {
      for (const signal of ['SIGTERM', 'SIGTERM', 'SIGKILL'] as const) {
        if (exitCode() !== null) return;
        child.kill(signal);
        try {
          await waitForExit(graceMs);
        } catch (error) {
          // The next signal is stronger; after the last there is nothing more to do.
          if (signal === 'SIGKILL') throw error;
        }
      }
    },
  };
}
