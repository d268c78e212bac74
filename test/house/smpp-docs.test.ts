import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { newSmppSettings, smppSettingsChange } from '../../src/api/admin/smpp-schema.ts';
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
  assert.deepEqual(rows.map(([name]) => name).toSorted(), Object.keys(smppSettingsChange).toSorted());
});

test('an SMPP channel can be made of what it must say, and of all that may be said', () => {
  const schema = Type.Object(newSmppSettings, { additionalProperties: false });
  const account = { host: 'smpp.example.com', port: 2775, systemId: 'me', password: 'secret' };
  assert.deepEqual(Value.Errors(schema, account), []);
  assert.deepEqual(Value.Errors(schema, { ...account, ...smppDefaults }), []);
  for (const name of Object.keys(account)) assert.ok(!Value.Check(schema, { ...account, [name]: undefined }), name);
});

test('docs/smpp.md holds the table of statuses', () => {
  const table = page.match(/<!-- generated -->\n([\s\S]*)\n<!-- end of generated -->/)?.[1];
  assert.equal(table, smppStatusTable(), 'run: node_modules/.bin/node scripts/write-docs.ts');
});
