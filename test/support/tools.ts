import { spawnSync } from 'node:child_process';

/** A program that tests use as a peer or as a measure, and the Debian package it comes in. */
type Tool = { readonly program: string; readonly debianPackage: string };

const tools: readonly Tool[] = [
  { program: 'sipp', debianPackage: 'sip-tester' },
  { program: 'baresip', debianPackage: 'baresip-core' },
  { program: 'sox', debianPackage: 'sox' },
];

/**
 * Makes sure that all tools are there: installs what is missing where apt-get is allowed to, otherwise says which command does it.
 * Returns whether they are there now. Writes to the terminal.
 */
export function ensureTools(): boolean {
  const missing = tools.filter((tool) => !isInstalled(tool.program));
  if (missing.length === 0) return true;
  const packages = [...new Set(missing.map((tool) => tool.debianPackage))];
  const names = missing.map((tool) => tool.program).join(', ');
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (process.geteuid?.() !== 0 || !isInstalled('apt-get')) {
    say(`the tests need ${names}. Install:\n  sudo apt-get update && sudo ${install}`);
    return false;
  }
  say(`installing ${names} ...`);
  runAptGet(['update']);
  runAptGet(['install', '-y', '--no-install-recommends', ...packages]);
  const stillMissing = tools.filter((tool) => !isInstalled(tool.program));
  if (stillMissing.length === 0) return true;
  say(`could not install ${stillMissing.map((tool) => tool.program).join(', ')}; try: apt-get update && ${install}`);
  return false;
}

function isInstalled(program: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' }).status === 0;
}

function runAptGet(args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', [...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
