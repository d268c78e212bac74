import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from './child.ts';

/** The programs of `examples/` in one language: what runs them and their files; null: there is none. */
export type ExampleLanguage = {
  readonly language: string;
  readonly command: string;
  readonly groupCall: string;
  readonly receiver: string | null;
};

export const exampleLanguages: readonly ExampleLanguage[] = [
  { language: 'curl', command: 'sh', groupCall: 'curl/group-call.sh', receiver: null },
  {
    language: 'Python',
    command: 'python3',
    groupCall: 'python/group_call.py',
    receiver: 'python/receive_reports.py',
  },
  { language: 'PHP', command: 'php', groupCall: 'php/group-call.php', receiver: 'php/receive-reports.php' },
  { language: 'Java', command: 'java', groupCall: 'java/GroupCall.java', receiver: 'java/ReceiveReports.java' },
  {
    language: 'TypeScript',
    command: process.execPath,
    groupCall: 'typescript/group-call.ts',
    receiver: 'typescript/receive-reports.ts',
  },
];

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const install = 'npm test -- acceptance (as root), or apt-get install curl python3 php-cli default-jdk-headless';

/** Starts an example with arguments of its own. */
export function startExample(
  command: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Child> {
  return startChild({ command, args: [join(folder, file), ...args], env, install });
}

/** A receiver of reports that listens. */
export interface ExampleReceiver {
  /** What it showed: a line for each report. */
  shown(): readonly string[];
  stop(): Promise<void>;
}

/** Where a receiver on that loopback port gets its reports. */
export function receiverUrl(port: number): string {
  return `http://127.0.0.1:${port}/reports`;
}

/** Starts a receiver on a loopback port and waits until it listens. */
export async function startReceiver(
  command: string,
  file: string,
  { port, secret }: { readonly port: number; readonly secret: string },
): Promise<ExampleReceiver> {
  const path = join(folder, file);
  const child = await startChild({
    command,
    // PHP's own server is told where to listen and what answers; all others read it from the environment.
    args: command === 'php' ? ['-S', `127.0.0.1:${port}`, '-t', dirname(path), path] : [path],
    env: { PORT: String(port), REPORT_SECRET: secret },
    install,
  });
  try {
    await child.waitForOutput(/listening on|Development Server/, 120_000);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    shown: () => child.output().match(/^report .*$/gm) ?? [],
    stop: () => child.stop(),
  };
}
