import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DemoArgumentError, readDemoArguments } from './demo-arguments.ts';

describe('readDemoArguments', () => {
  it('has defaults and reads what is given', () => {
    const defaults = { isHelp: false, isOnce: false, callees: 200, seed: 1, dataDir: './data/demo' };
    assert.deepEqual(readDemoArguments([]), defaults);
    assert.deepEqual(readDemoArguments('--once --callees 20 --seed 7 --data-dir /d --help'.split(' ')), {
      isHelp: true,
      isOnce: true,
      callees: 20,
      seed: 7,
      dataDir: '/d',
    });
  });

  for (const line of ['--callees 0', '--callees 5001', '--callees 1.5', '--seed x', '--fast', 'now']) {
    it(`refuses ${line}`, () => assert.throws(() => readDemoArguments(line.split(' ')), DemoArgumentError));
  }
});
