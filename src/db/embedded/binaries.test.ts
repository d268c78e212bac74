import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { silentLogger } from '../../lib/logger.ts';
import { copyBinaries } from './binaries.ts';

it('opens the copied binaries to everybody, also under a strict umask', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-binaries-'));
  const umask = process.umask(0o077);
  try {
    const root = join(folder, 'native');
    await mkdir(join(root, 'bin'), { recursive: true });
    await writeFile(join(root, 'bin', 'postgres'), '', { mode: 0o700 });
    await writeFile(join(root, 'timezones'), '');
    const copied = await copyBinaries({ root, version: '1' }, join(folder, 'shared'), silentLogger());
    const modeOf = async (...path: string[]): Promise<number> => (await stat(join(...path))).mode & 0o777;
    assert.equal(await modeOf(folder, 'shared'), 0o755);
    assert.equal(await modeOf(copied.root), 0o755);
    assert.equal(await modeOf(copied.root, 'bin'), 0o755);
    assert.equal(await modeOf(copied.root, 'bin', 'postgres'), 0o755);
    assert.equal(await modeOf(copied.root, 'timezones'), 0o644);
  } finally {
    process.umask(umask);
    await rm(folder, { recursive: true, force: true });
  }
});
