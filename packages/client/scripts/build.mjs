// Makes the package that is published, in dist or the folder given: JavaScript, types, README and licence, with a package.json that names them. In the repository the
// package is used from its sources, without a build. Plain JavaScript for whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const repository = join(root, '../..');
const out = resolve(process.argv[2] ?? join(root, 'dist'));

rmSync(out, { recursive: true, force: true });
const tsc = join(repository, 'node_modules/.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
const { status } = spawnSync(tsc, ['-p', join(root, 'tsconfig.build.json'), '--outDir', out], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const { private: _, scripts: __, ...manifest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
manifest.exports = { '.': { types: './index.d.ts', default: './index.js' } };
// For tools that know no exports yet.
manifest.main = './index.js';
manifest.types = './index.d.ts';
// A name with a scope is private unless this says otherwise.
manifest.publishConfig = { access: 'public' };
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
// What it links to beside itself is in the repository only.
const readme = readFileSync(join(root, 'README.md'), 'utf8').replace(/\[([^\]]*)\]\(\.\.?\/[^)]*\)/g, '$1');
writeFileSync(join(out, 'README.md'), readme);
copyFileSync(join(repository, 'LICENSE'), join(out, 'LICENSE'));
