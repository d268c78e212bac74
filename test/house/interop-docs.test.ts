import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/import-graph.ts';
import { interopFeatures, interopTable } from '../support/interop-table.ts';

test('docs/interop.md holds the table of what test/interop tries', () => {
  const page = readFileSync(join(repositoryRoot, 'docs/interop.md'), 'utf8');
  const table = page.match(/<!-- generated -->\n([\s\S]*)\n<!-- end of generated -->/)?.[1];
  assert.equal(table, interopTable(interopFeatures()), 'run: node_modules/.bin/node scripts/write-docs.ts');
});
