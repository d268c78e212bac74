import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { repositoryRoot } from '../support/import-graph.ts';

/** What `npm pack --json` tells of a package. */
type Packed = { readonly filename: string; readonly unpackedSize: number; readonly files: readonly { path: string }[] };

let folder: string;
let packed: Packed;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-client-package-'));
  const dist = join(folder, 'dist');
  run(process.execPath, [join(repositoryRoot, 'packages/client/scripts/build.mjs'), dist]);
  const [found]: Packed[] = JSON.parse(npm('pack', dist, '--json'));
  packed = found ?? assert.fail('nothing was packed');
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  npm('install', packed.filename);
});
after(() => rm(folder, { recursive: true, force: true }));

/** Without what an npm that runs the tests has told its children of the repository. */
const ownEnvironment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: ownEnvironment,
  });
  assert.equal(status, 0, `${command} ${args.join(' ')}:\n${error ?? ''}${stdout}${stderr}`);
  return stdout;
}

/** npm as a machine has it that reaches no registry and has kept nothing. */
function npm(...args: readonly string[]): string {
  return run('npm', [...args, '--offline', '--no-audit', '--no-fund', '--silent', '--cache', join(folder, 'cache')]);
}

/** What a user of the package may write, who has neither Node's types nor skips the check of declarations. */
const program = `
import { CarillonClient, CarillonError, type CallRecord, verifyReport } from '@carillon/client';

const client = new CarillonClient({ baseUrl: 'http://127.0.0.1/v3', apiKey: 'k', apiSecret: 's', timeoutMs: 1000 });

export async function main(signal: AbortSignal): Promise<string[]> {
  const taskId: number = await client.tasks.send(
    { appId: 'a', taskName: 'first', source: 3, text: 'hello', lan: 'EN', numberList: ['8613242926514'], maxCalls: 40, sendTime: null },
    { signal },
  );
  const cost: string[] = [];
  const span = { strTime: '2026-11-01T00:00:00+08:00', endTime: '2026-11-02T00:00:00+08:00' };
  for await (const record of client.records.each(span)) if (record.taskId === taskId) cost.push(costOf(record));
  // @ts-expect-error: a file that was uploaded before is named by its id
  await client.tasks.send({ appId: 'a', taskName: 'first', source: 1, text: 'hello', maxCalls: 40 });
  return cost;
}

function costOf(record: CallRecord): string {
  return record.cost ?? '0';
}

export async function codeOf(work: () => Promise<unknown>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (error instanceof CarillonError) return error.code;
    throw error;
  }
}

export const receive = async (body: string, header: string | null): Promise<number | null | undefined> =>
  (await verifyReport(body, header, 'secret', { toleranceS: 60 }))[0]?.callStatus;
`;

const installed = (path: string): string => join(folder, 'node_modules/@carillon/client', path);

for (const [module, resolution, file] of [
  ['nodenext', 'nodenext', 'program.ts'],
  ['node16', 'node16', 'program.ts'],
  ['esnext', 'bundler', 'program.ts'],
  ['nodenext', 'nodenext', 'program.cts'],
] as const) {
  test(`${file} is checked against the published types by ${module} and ${resolution}, as strictly as can be and without the types of Node`, async () => {
    await writeFile(join(folder, file), program);
    const strict = [
      '--strict',
      '--exactOptionalPropertyTypes',
      '--noUncheckedIndexedAccess',
      '--skipLibCheck',
      'false',
    ];
    const target = ['--target', 'es2022', '--module', module, '--moduleResolution', resolution, '--types', ''];
    run(join(repositoryRoot, 'node_modules/.bin/tsc'), ['--noEmit', ...strict, ...target, file]);
  });
}

/** A platform that answers with the Sign that it got, and a client that asks it. */
const asking = `
async function ask({ CarillonClient, signOf }) {
  const server = createServer((request, response) => response.end(JSON.stringify({ code: 0, data: request.headers })));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const credentials = { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' };
  const baseUrl = 'http://127.0.0.1:' + server.address().port;
  const client = new CarillonClient({ baseUrl, ...credentials, now: () => 1630468800000 });
  const { sign } = await client.tasks.detail(1);
  console.log(sign, sign === signOf(credentials, 1630468800));
  server.close();
  server.closeAllConnections();
}
`;

for (const [file, imports] of [
  ['program.mjs', `import { createServer } from 'node:http'; import * as client from '@carillon/client';`],
  ['program.cjs', `const { createServer } = require('node:http'); const client = require('@carillon/client');`],
] as const) {
  test(`what is published runs in ${file}, and asks a platform`, async () => {
    await writeFile(join(folder, file), `${imports}\n${asking}\nask(client);`);
    assert.equal(run(process.execPath, [file]).trim(), '05d7a50893e22a5c4bb3216ae3396c7c true');
  });
}

test('what is published is JavaScript, types, README and licence, and needs nothing from elsewhere', async () => {
  const paths = packed.files.map(({ path }) => path);
  const others = paths.filter((path) => !/^[\w/-]+(\.d\.ts|\.js)$/.test(path)).toSorted();
  assert.deepEqual(others, ['LICENSE', 'README.md', 'package.json']);
  assert.deepEqual(
    paths.filter((path) => /test|script/.test(path)),
    [],
  );
  assert.ok(packed.unpackedSize < 150_000, `${packed.unpackedSize} bytes`);
  assert.doesNotMatch(await readFile(installed('README.md'), 'utf8'), /\]\(\.\.?\//, 'links to what is not in it');
  const manifest = JSON.parse(await readFile(installed('package.json'), 'utf8'));
  assert.deepEqual(
    [manifest.name, manifest.license, manifest.private, manifest.dependencies, manifest.scripts],
    ['@carillon/client', 'Apache-2.0', undefined, undefined, undefined],
  );
  assert.deepEqual(manifest.publishConfig, { access: 'public' }, 'a name with a scope is private otherwise');
});
