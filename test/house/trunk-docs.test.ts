import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { newTrunkSchema, trunkChangeSchema } from '../../src/api/admin/trunk-schema.ts';
import { headerVariableNames } from '../../src/domain/trunk/header-template.ts';
import { trunkDefaults } from '../../src/domain/trunk/trunk-defaults.ts';
import { fieldProblem } from '../../src/domain/trunk/trunk-problem.ts';
import { repositoryRoot } from '../support/import-graph.ts';

const page = readFileSync(join(repositoryRoot, 'docs/trunks.md'), 'utf8');

test('docs/trunks.md has each setting once, with the default that it has', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| (\S+) \|$/gm)].map(([, name, value]) => [name, value]);
  const defaults: Readonly<Record<string, unknown>> = trunkDefaults;
  const expected = Object.keys(trunkChangeSchema.properties).map((name) => [
    name,
    name in defaults ? `\`${JSON.stringify(defaults[name])}\`` : 'needed',
  ]);
  assert.deepEqual(rows.toSorted(), expected.toSorted());
});

test('the trunks of docs/trunks.md can be made as they stand there', () => {
  const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => JSON.parse(text ?? ''));
  assert.equal(examples.length, 3);
  for (const example of examples) {
    assert.deepEqual(Value.Errors(newTrunkSchema, example), [], example.name);
    assert.equal(fieldProblem(example), null, example.name);
  }
});

test('docs/trunks.md names every variable of a header, and every setting that it sends people to', () => {
  for (const name of headerVariableNames) assert.ok(page.includes(`\`\${${name}}\``), name);
  const [, advice = ''] = page.split('## When the carrier says no');
  const named = [...advice.matchAll(/^\|.*\| ([^|]*) \|$/gm)].flatMap(
    ([, cell]) => cell?.match(/(?<=`)\w+(?=`)/g) ?? [],
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => !(name in trunkChangeSchema.properties)),
    [],
  );
});
