import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findCycle, readSources, repositoryRoot, type SourceFile } from '../support/import-graph.ts';

/**
 * Who may import whom (ARCHITECTURE.md): folders of `src/`, longest match first; a folder may always import itself. What is not listed is
 * forbidden.
 */
const allowed: Record<string, readonly string[]> = {
  start: [
    'config',
    'api',
    'dialer',
    'domain',
    'engine',
    'call',
    'telephony',
    'speech',
    'storage',
    'sms',
    'webhook',
    'reporter',
    'simulator',
    'db',
    'lib',
  ],
  config: ['lib'],
  // The dialect's uploads are decoded on the way in, so audio is open to api; signalling and RTP are not.
  api: ['domain', 'telephony/audio', 'speech', 'storage', 'sms', 'webhook', 'db', 'lib'],
  // The engine comes in by its port, which is in call.
  dialer: ['domain', 'call', 'speech', 'storage', 'db', 'lib'],
  domain: ['call', 'speech', 'storage', 'sms', 'db', 'lib'],
  engine: ['call', 'telephony', 'lib'],
  simulator: ['telephony', 'lib'],
  call: ['lib'],
  telephony: ['lib'],
  speech: ['lib'],
  storage: ['lib'],
  sms: ['lib'],
  webhook: ['lib'],
  reporter: ['domain', 'webhook', 'db', 'lib'],
  db: ['lib'],
  lib: [],
};

const sources = readSources('src/**/*.ts');

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`src/${folder}/`);
}

/** The edges that no rule allows, as text. A test file may also use `test/support`. */
function forbiddenEdges(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const own = file.path.split('/')[1] ?? '';
    const targets = [own, ...(allowed[own] ?? [])];
    const isTest = file.path.endsWith('.test.ts');
    return file.imports
      .filter((path) => !targets.some((folder) => isBelow(path, folder)))
      .filter((path) => !(isTest && path.startsWith('test/support/')))
      .map((path) => `${file.path} imports ${path}`);
  });
}

test('every folder of src is in the table', () => {
  const folders = new Set(sources.map((file) => file.path.split('/')[1]));
  assert.deepEqual(
    [...folders].filter((folder) => folder === undefined || !(folder in allowed)),
    [],
  );
});

test('imports go down only', () => {
  assert.ok(sources.length > 0);
  assert.deepEqual(forbiddenEdges(sources), []);
});

test('ARCHITECTURE.md has the same table', () => {
  const page = readFileSync(join(repositoryRoot, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `src\/(\w+)` \|.*\| ([^|]+) \|$/gm)];
  const written = rows.map(([, folder, targets]): [string, string[]] => {
    if (targets === 'everything') return [folder ?? '', Object.keys(allowed).filter((name) => name !== folder)];
    return [folder ?? '', targets === '-' ? [] : (targets ?? '').split(', ')];
  });
  const sorted = (table: Record<string, readonly string[]>): Record<string, string[]> =>
    Object.fromEntries(Object.entries(table).map(([folder, targets]) => [folder, [...targets].sort()]));
  assert.deepEqual(sorted(Object.fromEntries(written)), sorted(allowed));
});

test('an upward import would be noticed', () => {
  const file = (path: string, imports: string[]): SourceFile => ({ path, imports, lineCount: 1 });
  assert.deepEqual(
    forbiddenEdges([file('src/domain/task/x.ts', ['src/telephony/sip/message.ts', 'src/lib/clock.ts'])]),
    ['src/domain/task/x.ts imports src/telephony/sip/message.ts'],
  );
  assert.equal(forbiddenEdges([file('src/api/x.ts', ['src/dialer/y.ts'])]).length, 1);
  assert.equal(forbiddenEdges([file('src/lib/x.ts', ['src/config/y.ts'])]).length, 1);
});

test('there are no cycles', () => {
  assert.deepEqual(findCycle(sources), null);
});

test('a cycle would be noticed', () => {
  const file = (path: string, imports: string[]): SourceFile => ({ path, imports, lineCount: 1 });
  assert.deepEqual(findCycle([file('a', ['b']), file('b', ['c', 'd']), file('c', []), file('d', ['b'])]), [
    'b',
    'd',
    'b',
  ]);
});

test('the client is a package of its own: it imports nothing but itself, and src does not import it', () => {
  const client = readSources('packages/client/src/**/*.ts').filter(({ path }) => !path.endsWith('.test.ts'));
  assert.ok(client.length > 0);
  const outside = client.flatMap((file) => file.imports.filter((path) => !path.startsWith('packages/client/src/')));
  assert.deepEqual(outside, []);
  const packages = /\bfrom '(?!\.)/;
  const read = ({ path }: SourceFile): string => readFileSync(join(repositoryRoot, path), 'utf8');
  const withPackages = client.filter((file) => packages.test(read(file))).map(({ path }) => path);
  assert.deepEqual(withPackages, [], 'it has no dependencies');
  const users = sources.filter((file) => read(file).includes("'@carillon/client'")).map(({ path }) => path);
  assert.deepEqual(users, [], 'what the server is built from stays below src');
});

test('acceptance tests and those of the contract are black boxes: they import nothing from src, and use the client as any user of it does', () => {
  const inside = readSources('test/{acceptance,contract}/**/*.ts').flatMap((file) =>
    file.imports.filter((path) => path.startsWith('src/')).map((path) => `${file.path} imports ${path}`),
  );
  assert.deepEqual(inside, []);
});
