import { spawnSync } from 'node:child_process';
import { ensureAsteriskRoot } from './asterisk-root.ts';

/** A program that tests use as a peer or as a measure, and the Debian packages it needs. */
type Tool = { readonly program: string; readonly debianPackages: readonly string[] };

const tools: readonly Tool[] = [
  { program: 'sipp', debianPackages: ['sip-tester'] },
  { program: 'sipsak', debianPackages: ['sipsak'] },
  { program: 'openssl', debianPackages: ['openssl'] },
  { program: 'baresip', debianPackages: ['baresip-core'] },
  { program: 'sox', debianPackages: ['sox'] },
  { program: 'tshark', debianPackages: ['tshark'] },
  { program: 'nsd', debianPackages: ['nsd'] },
  // The examples' languages; a JRE has java too, but runs no source. Of all the packages these are the largest: 116 MB to fetch, 270 MB installed.
  { program: 'javac', debianPackages: ['default-jdk-headless'] },
  { program: 'php', debianPackages: ['php-cli'] },
  { program: 'python3', debianPackages: ['python3'] },
  { program: 'curl', debianPackages: ['curl'] },
  { program: 'kamailio', debianPackages: ['kamailio', 'kamailio-tls-modules'] },
  { program: 'osmo-msc', debianPackages: ['osmo-msc'] },
  { program: 'osmo-hlr', debianPackages: ['osmo-hlr'] },
  // Compiles what lets osmo-msc start on a kernel without SCTP.
  { program: 'tcc', debianPackages: ['tcc'] },
  // Asterisk is not in Debian's stable releases; without the keyring debootstrap would take any package from anybody.
  { program: 'debootstrap', debianPackages: ['debootstrap', 'debian-archive-keyring'] },
];

/**
 * Makes sure that all tools are there: installs what is missing where apt-get is allowed to, otherwise says which command does it.
 * Returns whether they are there now. Writes to the terminal.
 */
export function ensureTools(): boolean {
  const missing = tools.filter((tool) => !isInstalled(tool.program));
  if (missing.length === 0) return ensureAsteriskRoot();
  const packages = [...new Set(missing.flatMap((tool) => tool.debianPackages))];
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
  if (stillMissing.length === 0) return ensureAsteriskRoot();
  say(`could not install ${stillMissing.map((tool) => tool.program).join(', ')}; try: apt-get update && ${install}`);
  return false;
}

function isInstalled(program: string): boolean {
  return (
    spawnSync('/bin/sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v "$1"', 'sh', program], { stdio: 'ignore' })
      .status === 0
  );
}

function runAptGet(args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', [...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
