import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, maskNumber } from './logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  write(createLogger('test', 'info', { write: (line) => lines.push(line) }));
  return lines;
}

test('of an error of the database everything is logged but the row that it is about', () => {
  const error = Object.assign(new Error('violates check constraint "trunk_weight_check"'), {
    code: '23514',
    constraint: 'trunk_weight_check',
    detail: 'Failing row contains (1, carrier, hunter2).',
    where: 'COPY callee, line 3: "8613242926514"',
  });
  const [line = ''] = logged((logger) => logger.error({ err: error }, 'admin request failed'));
  const { err } = JSON.parse(line);
  assert.deepEqual(
    [err.type, err.message, err.code, err.constraint],
    ['Error', error.message, '23514', 'trunk_weight_check'],
  );
  assert.match(err.stack, /logger\.test/);
  assert.doesNotMatch(line, /hunter2|8613242926514/);
});

test('what an error was caused by is told, and no row of that either', () => {
  const cause = Object.assign(new Error('relation is gone'), { detail: 'hunter2' });
  const [line = ''] = logged((logger) => logger.warn({ err: new Error('a flush failed', { cause }) }, 'trying again'));
  assert.match(JSON.parse(line).err.message, /a flush failed: relation is gone/);
  assert.doesNotMatch(line, /hunter2/);
});

test('a line is one line, whatever is in its fields', () => {
  const text = 'first\r\n{"level":60,"msg":"forged"}\u001b[31m\u2028';
  const lines = logged((logger) => logger.info({ reason: text }, 'SMS channel changed its state'));
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^[\x20-\x7e\u2028]+\n$/);
  assert.equal(JSON.parse(lines[0] ?? '').reason, text);
});

test('numbers keep their country and their last two digits', () => {
  assert.deepEqual(['8613242926514', '12345', '123456'].map(maskNumber), ['861********14', '*****', '123*56']);
});
