import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/random.ts';
import { PartReferences } from './part-references.ts';

test('references: 256 messages in a row to the same destination differ, whatever goes to others', () => {
  const references = new PartReferences(seededRandom(1));
  const seen = new Set<number>();
  for (let turn = 0; turn < 256; turn += 1) {
    seen.add(references.next('one'));
    for (let other = 0; other < turn % 3; other += 1) references.next('another');
  }
  assert.equal(seen.size, 256);
  assert.ok([...seen].every((reference) => reference >= 0 && reference <= 255));
});

test('references: the destination that was used longest ago is forgotten', () => {
  const references = new PartReferences(seededRandom(1));
  const first = references.next('first');
  for (let other = 0; other < 9_999; other += 1) references.next(`other-${other}`);
  assert.equal(references.next('first'), (first + 1) % 256);
});
