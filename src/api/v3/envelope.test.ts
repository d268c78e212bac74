import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, succeeded, usualLiterals } from './envelope.ts';

test('both pairs always, in the literal types that are declared', () => {
  assert.deepEqual(succeeded(usualLiterals, 5), { code: 0, msg: 'success', status: '0', reason: 'success', data: 5 });
  assert.deepEqual(failed({ code: 'string', status: 'string' }, -54, 'no'), {
    code: '-54',
    msg: 'no',
    status: '-54',
    reason: 'no',
    data: null,
  });
  assert.deepEqual(succeeded({ code: 'number', status: 'number' }, null), {
    code: 0,
    msg: 'success',
    status: 0,
    reason: 'success',
    data: null,
  });
});
