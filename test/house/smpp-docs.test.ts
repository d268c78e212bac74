import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { smppDefaults } from '../../src/sms/smpp/smpp-settings.ts';
import { repositoryRoot } from '../support/import-graph.ts';
import { smppStatusTable } from '../support/smpp-status-table.ts';

const page = readFileSync(join(repositoryRoot, 'docs/smpp.md'), 'utf8');

test('docs/smpp.md has each setting once, with the default that it has', () => {
  const [settings = ''] = page.split('## What becomes');
  const rows = [...settings.matchAll(/^\| `(\w+)` \|.*\| (\S+) \|$/gm)].map(([, name, value]) => [name, value]);
  const needed = ['host', 'port', 'systemId', 'password'].map((name) => [name, 'needed']);
  const defaults = Object.entries(smppDefaults).map(([name, value]) => [name, `\`${JSON.stringify(value)}\``]);
  assert.deepEqual(rows.toSorted(), [...needed, ...defaults].toSorted());
});

test('docs/smpp.md holds the table of statuses', () => {
  const table = page.match(/<!-- generated -->\n([\s\S]*)\n<!-- end of generated -->/)?.[1];
  assert.equal(table, smppStatusTable(), 'run: node_modules/.bin/node scripts/write-docs.ts');
});
