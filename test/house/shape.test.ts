import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSources } from '../support/import-graph.ts';

const maxLines = 500;
const meaninglessNames = ['utils', 'util', 'helpers', 'helper', 'manager', 'misc', 'common'];

const sources = readSources('{src,packages/*/src,packages/*/scripts,test,bench,scripts}/**/*.{ts,mjs}');

test('no file is longer than 500 lines', () => {
  assert.ok(sources.length > 0);
  const long = sources.filter((file) => file.lineCount > maxLines);
  assert.deepEqual(
    long.map((file) => `${file.path}: ${file.lineCount}`),
    [],
  );
});

test('names say what is inside', () => {
  const wordsOf = (path: string): string[] => path.replace(/\.\w+$/, '').split(/[/.-]/);
  const vague = sources.filter((file) => wordsOf(file.path).some((word) => meaninglessNames.includes(word)));
  assert.deepEqual(
    vague.map((file) => file.path),
    [],
  );
});

test('file names are kebab-case', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.(ts|mjs)$/;
  const odd = sources.filter((file) => !kebab.test(file.path.split('/').at(-1) ?? ''));
  assert.deepEqual(
    odd.map((file) => file.path),
    [],
  );
});
