import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/import-graph.ts';
import { asteriskTable, interopFeatures, interopTable } from '../support/interop-table.ts';

const pages = [
  ['docs/interop.md', 'what test/interop tries', interopTable(interopFeatures())],
  ['README.md', 'what was tried with Asterisk', asteriskTable(interopFeatures())],
] as const;

for (const [page, what, expected] of pages) {
  test(`${page} holds the table of ${what}`, () => {
    const text = readFileSync(join(repositoryRoot, page), 'utf8');
    const table = text.match(/<!-- generated -->\n([\s\S]*)\n<!-- end of generated -->/)?.[1];
    assert.equal(table, expected, 'run: node_modules/.bin/node scripts/write-docs.ts');
  });
}
