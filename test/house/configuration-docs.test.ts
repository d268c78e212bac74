import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsTable } from '../../src/config/settings-table.ts';
import { repositoryRoot } from '../support/import-graph.ts';

test('docs/configuration.md holds the table of settings as the schema gives it', () => {
  const page = readFileSync(join(repositoryRoot, 'docs/configuration.md'), 'utf8');
  const table = page.match(/<!-- generated -->\n([\s\S]*)\n<!-- end of generated -->/)?.[1];
  assert.equal(table, settingsTable(), 'run: node_modules/.bin/node scripts/write-docs.ts');
});
