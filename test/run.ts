import { type ChildProcess, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOwnServer } from './contract/kit/own-server.ts';
import { namesServer } from './contract/kit/settings.ts';
import { startTestServer, testDatabaseVariable } from './support/test-server.ts';
import { ensureTools } from './support/tools.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** One step of the run; `npm test -- NAME...` picks steps by name. */
type Step = { readonly name: string; readonly run: () => Promise<boolean> };

const steps: readonly Step[] = [
  { name: 'types', run: () => runTool('tsc', ['--noEmit']) },
  { name: 'lint', run: () => runTool('biome', ['check']) },
  { name: 'house', run: () => runTests('test/house/**/*.test.ts', 2) },
  { name: 'unit', run: () => runTests('{src,packages/*/src,test/support,scripts,bench}/**/*.test.ts', 2) },
  { name: 'integration', run: () => runTests('test/integration/**/*.test.ts', 2) },
  // Real peers on real ports: one file at a time.
  { name: 'interop', run: () => runTests('test/interop/**/*.test.ts', 1) },
  { name: 'contract', run: runContract },
  { name: 'acceptance', run: () => runTests('test/acceptance/**/*.test.ts', 1) },
];

/** The steps that need SIPp and the like. */
const stepsWithTools = new Set(['interop', 'acceptance']);

let child: ChildProcess | null = null;
let isInterrupted = false;

async function main(): Promise<number> {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      isInterrupted = true;
      child?.kill(name);
    });
  }
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0) {
    console.error(`no such step: ${unknown.join(', ')}; there are ${steps.map((step) => step.name).join(', ')}`);
    return 1;
  }
  const chosen = steps.filter((step) => wanted.length === 0 || wanted.includes(step.name));
  if (chosen.some((step) => stepsWithTools.has(step.name)) && !ensureTools()) {
    const others = steps.filter((step) => !stepsWithTools.has(step.name)).map((step) => step.name);
    console.error(`What needs none of them: npm test -- ${others.join(' ')}`);
    return 1;
  }
  const failed: string[] = [];
  for (const step of chosen) {
    console.log(`\n===== ${step.name} =====`);
    if (!(await step.run())) failed.push(step.name);
    if (isInterrupted) return 130;
  }
  console.log(`\n===== ${failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`} =====`);
  return failed.length === 0 ? 0 : 1;
}

function runTool(tool: string, args: readonly string[]): Promise<boolean> {
  return runChild(`${root}/node_modules/.bin/${tool}`, args, {});
}

let serverUrl: Promise<string> | null = null;

/** Runs the files of a tier with node's own runner; those that use a database share one server, started at the first need. */
async function runTests(pattern: string, concurrency: number): Promise<boolean> {
  const files = globSync(pattern, { cwd: root }).sort();
  if (files.length === 0) {
    console.log('(no files)');
    return true;
  }
  const environment: Record<string, string> = {};
  if (files.some((file) => file.startsWith('test/integration/')) && process.env[testDatabaseVariable] === undefined) {
    serverUrl ??= startTestServer();
    environment[testDatabaseVariable] = await serverUrl;
  }
  const args = ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...files];
  return runChild(process.execPath, args, environment);
}

/** The contract's suite, on the server that the environment names; without one, on a platform that all its files share. */
async function runContract(): Promise<boolean> {
  const files = globSync('test/contract/**/*.test.ts', { cwd: root }).sort();
  const args = ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files];
  if (namesServer(process.env)) return runChild(process.execPath, args, {});
  const server = await startOwnServer();
  try {
    return await runChild(process.execPath, args, server.environment);
  } finally {
    await server.stop();
  }
}

function runChild(command: string, args: readonly string[], environment: Record<string, string>): Promise<boolean> {
  return new Promise((resolve) => {
    child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

process.exitCode = await main();
