import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorDefinitions } from './definitions.ts';
import { errors } from './registry.ts';

/** One of each. */
const all = [
  errors.badCredentials(),
  errors.addressNotAllowed('192.0.2.1'),
  errors.balanceUsedUp({ available: '0.5', currency: 'EUR', needed: '0.75' }),
  errors.accountLocked(),
  errors.timestampExpired(),
  errors.internal('r-1'),
  errors.taskNameTaken('name'),
  errors.fileNameTaken('a.wav'),
  errors.nameTaken('trunk', 'name'),
  errors.badAudio('file', 'too short'),
  errors.badNumbers(2, '1 (x: not digits)'),
  errors.missingVariables(1, '1 (8613: text1)'),
  errors.badParameter('size', 'must be 1 to 100'),
  errors.badBody('not JSON'),
  errors.unknownPath('GET', '/x'),
  errors.notOffered('AI', 'use send'),
  errors.unknownLanguage('lan', 'XX', ['EN', 'VN']),
  errors.unknownFlow(1),
  errors.taskHasNoFlow(2),
  errors.unknownNode(3),
  errors.flowNotPending(4, 1, 'cancelled'),
  errors.nodeNotPending(5, 2),
  errors.unknownRecord('26'),
  errors.unknownRecording('26.wav'),
  errors.keyReused('k-1'),
  errors.noSmsContent('content'),
  errors.smsContentTooLong('content', 1024, 1025),
  errors.tooManySmsNumbers('numbers', 100, 101),
  errors.noSmsNumber('numbers'),
  errors.badSmsNumbers('numbers', '12'),
  errors.badSmsTime('startTime'),
  errors.badMsgIds('msgIds'),
  errors.channelNotBound('abc'),
  errors.orderIdsDiffer('orderId', 2, 1),
  errors.unknownSmsApp('abc'),
  errors.smsSpanTooLong(),
  errors.channelOfVoiceApp(),
  errors.smsAppMissing(),
  errors.appHasNoChannel('abc'),
  errors.channelInUse('ACME', ['abc', 'def']),
  errors.limitReached('numberList', 200_000, 200_001),
  errors.unknownApp('abc', 'voice'),
  errors.unknownVoiceFile(['a.wav', 'b.wav']),
  errors.unknownTask([1, 2]),
  errors.unknownAgentGroup(9),
  errors.unknownEntry('trunk', 3),
  errors.accountIsPostpaid(1000),
  errors.noTrace(6, 7),
  errors.noRate(1, '1 (8613)'),
  errors.nobodyLeft(6),
  errors.noNumber(),
  errors.taskNotWaiting(7, 1),
  errors.rateTableInUse(9, [1000, 1001]),
  errors.wrongTaskState('suspended', [{ taskId: 8, status: 2 }]),
];

test('every definition has a constructor, and every message is complete in both languages', () => {
  assert.deepEqual(new Set(all.map((error) => error.key)), new Set(Object.keys(errorDefinitions)));
  for (const error of all) {
    assert.ok(error.dialectCode < 0);
    for (const locale of ['en', 'zh-CN'] as const)
      assert.doesNotMatch(error.messageIn(locale), /[{}]|undefined|\[object/);
    assert.equal(error.message, error.messageIn('en'));
    if (error.key !== 'timestampExpired') assert.match(error.messageIn('zh-CN'), /[\u4e00-\u9fff]|：/);
  }
});

test('docs/errors.md lists exactly the registry', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \| (-\d+) \|/gm)].map((row) => [row[1], Number(row[2])]);
  const defined = Object.entries(errorDefinitions).map(([key, { code }]) => [key, code]);
  assert.deepEqual(rows.sort(), defined.sort());
});

test('states and actions are said in the language of the message', () => {
  const error = errors.wrongTaskState('suspended', [
    { taskId: 8, status: 2 },
    { taskId: 9, status: 4 },
  ]);
  assert.match(error.messageIn('en'), /cannot be suspended .* 8 \(finished\), 9 \(cancelled\)/);
  assert.match(error.messageIn('zh-CN'), /不能暂停：8（已完成）、9（已取消）/);
});

test('a value that looks like a placeholder stays as it is', () => {
  assert.match(errors.nameTaken('trunk', '{what}').message, /trunk "\{what\}" exists/);
});
