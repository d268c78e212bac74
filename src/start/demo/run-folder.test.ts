import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { it } from 'node:test';
import { openRunFolder } from './run-folder.ts';

it('makes a fresh folder, removes those of dead runs, and leaves everything else alone', async () => {
  const base = await mkdtemp(join(tmpdir(), 'demo-folder-'));
  try {
    // No process has an id this high: the kernel's limit is 2^22.
    const owners: readonly (readonly [string, string | null])[] = [
      ['run-dead', '99999999'],
      ['run-alive', String(process.pid)],
      ['run-odd', 'x'],
      ['postgres', null],
    ];
    for (const [name, owner] of owners) {
      await mkdir(join(base, name));
      if (owner !== null) await writeFile(join(base, name, 'demo-owner'), owner);
    }
    const folder = await openRunFolder(base, new Date('2026-01-02T03:04:05Z'));
    assert.equal(basename(folder), `run-2026-01-02T030405-${process.pid}`);
    assert.deepEqual((await readdir(base)).sort(), ['postgres', basename(folder), 'run-alive', 'run-odd'].sort());
  } finally {
    await rm(base, { recursive: true });
  }
});
