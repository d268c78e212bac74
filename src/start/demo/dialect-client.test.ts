import assert from 'node:assert/strict';
import { it } from 'node:test';
import { signOf } from './dialect-client.ts';

it('signs as the contract has it (test vector of 1.2)', () => {
  const credentials = { apiKey: 'bDqJFiq9', apiSecret: '7bz1lzh9' };
  assert.equal(signOf(credentials, 1630468800), '05d7a50893e22a5c4bb3216ae3396c7c');
});
