import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { repositoryRoot } from '../support/import-graph.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-client-package-'));
  const build = join(repositoryRoot, 'packages/client/scripts/build.mjs');
  run(process.execPath, [build, join(folder, 'node_modules/@carillon/client')]);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
});
after(() => rm(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
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

test('a program is checked against the published types, as strictly as can be and without the types of Node', async () => {
  await writeFile(join(folder, 'program.ts'), program);
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const target = ['--target', 'es2022', '--module', 'nodenext', '--types', ''];
  run(join(repositoryRoot, 'node_modules/.bin/tsc'), ['--noEmit', ...strict, ...target, 'program.ts']);
});

test('what is published runs, and has nothing that it needs from elsewhere', async () => {
  await writeFile(
    join(folder, 'program.js'),
    `import { signOf } from '@carillon/client';
     console.log(signOf({ apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' }, 1630468800));`,
  );
  assert.equal(run(process.execPath, ['program.js']).trim(), '05d7a50893e22a5c4bb3216ae3396c7c');
  const manifest = JSON.parse(await readFile(join(folder, 'node_modules/@carillon/client/package.json'), 'utf8'));
  assert.deepEqual(
    [manifest.name, manifest.license, manifest.private, manifest.dependencies, manifest.scripts],
    ['@carillon/client', 'Apache-2.0', undefined, undefined, undefined],
  );
});
