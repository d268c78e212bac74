import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import { escapeUser, fromHeader } from './caller-identity.ts';

const trunk = trunkTarget({ host: 'carrier.example' });

describe('fromHeader', () => {
  const rows: [string, string | null, string | null, string][] = [
    ['a number at our host', null, '1008', '<sip:1008@10.0.0.1>'],
    ['nothing to show', null, null, '"Anonymous" <sip:anonymous@anonymous.invalid>'],
    ['an account with a number', 'acme', '1008', '"1008" <sip:acme@carrier.example>'],
    ['an account without', 'acme', null, '<sip:acme@carrier.example>'],
    ['a number that tries to end the header', null, '1008>;tag=x\r\nX: y', '<sip:1008tagxXy@10.0.0.1>'],
    ['an account name with a space', 'a b@c', null, '<sip:a%20b%40c@carrier.example>'],
  ];
  for (const [name, username, displayNum, expected] of rows) {
    it(name, () => assert.equal(fromHeader({ ...trunk, username }, displayNum, '10.0.0.1'), expected));
  }
});

describe('escapeUser', () => {
  it('leaves a number alone and escapes beyond ASCII', () => {
    assert.equal(escapeUser('8613800000000'), '8613800000000');
    assert.equal(escapeUser('zoë'), 'zo%C3%AB');
  });
});
