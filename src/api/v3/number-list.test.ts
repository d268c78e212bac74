import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../domain/error/request-error.ts';
import { checkNumberList, maxRows, type NumberListRequest } from './number-list.ts';

const request = (given: Partial<NumberListRequest>): NumberListRequest => ({
  numberList: undefined,
  numberInfoList: undefined,
  skipInvalid: false,
  neededVariables: [],
  ...given,
});
const plain = (number: string) => ({ number, variables: null });
const refusal = (code: number, pattern: RegExp) => (error: unknown) =>
  error instanceof RequestError && error.dialectCode === code && pattern.test(error.message);

test('both containers, texts and numbers, 6 to 18 digits', async () => {
  const expected = { callees: [plain('861320'), plain('123456789012345678')], duplicateCount: 0, invalidCount: 0 };
  assert.deepEqual(await checkNumberList(request({ numberList: ['861320', '123456789012345678'] })), expected);
  const info = [{ calleeNumber: 861320 }, { calleeNumber: '123456789012345678', text1: null }];
  assert.deepEqual(await checkNumberList(request({ numberInfoList: info })), expected);
  assert.deepEqual(await checkNumberList(request({ numberList: info, numberInfoList: [] })), expected);
});

test('variables are kept by their place and truncated to 30 characters, never inside one', async () => {
  const row = { calleeNumber: '861320', text1: 'Tom', text3: 7, text10: '👍'.repeat(31), text11: 'ignored' };
  const { callees } = await checkNumberList(request({ numberInfoList: [row] }));
  assert.deepEqual(callees, [
    { number: '861320', variables: ['Tom', null, '7', null, null, null, null, null, null, '👍'.repeat(30)] },
  ]);
});

test('the first row of a number stays', async () => {
  const rows = [
    { calleeNumber: '861320', text1: 'first' },
    { calleeNumber: '861321' },
    { calleeNumber: '861320', text1: 'second' },
  ];
  const checked = await checkNumberList(request({ numberInfoList: rows }));
  assert.equal(checked.duplicateCount, 1);
  assert.deepEqual(
    checked.callees.map((callee) => [callee.number, callee.variables?.[0]]),
    [
      ['861320', 'first'],
      ['861321', undefined],
    ],
  );
});

const badRows: readonly [row: unknown, why: string][] = [
  ['+8613200000001', 'row 2 "\\+8613200000001" starts with \\+'],
  ['86 13200000001', 'has other characters than digits'],
  ['8613200000001 ', 'has other characters than digits'],
  ['', 'must have 6 to 18 digits'],
  ['12345', 'must have 6 to 18 digits'],
  ['1234567890123456789', 'must have 6 to 18 digits'],
  [2 ** 60, 'is not a number'],
  [861320.5, 'is not a number'],
  [-861320, 'is not a number|other characters'],
  [null, 'has no calleeNumber'],
  [{}, 'has no calleeNumber'],
  [[], 'is not a number'],
  [true, 'is not a number'],
  [{ calleeNumber: '861320', text2: {} }, 'text2 is not a text'],
  [{ calleeNumber: '861320', text2: 'a\0' }, 'text2 is not a text'],
];
for (const [row, why] of badRows) {
  test(`${JSON.stringify(row)} is a bad row`, async () => {
    const numbers = request({ numberList: ['8613200000009', row] });
    await assert.rejects(
      checkNumberList(numbers),
      refusal(-21, new RegExp(`^1 of the numbers.*row 2 .*(${why})|${why}`)),
    );
    const taken = await checkNumberList({ ...numbers, skipInvalid: true });
    assert.deepEqual(taken, { callees: [plain('8613200000009')], duplicateCount: 0, invalidCount: 1 });
  });
}

test('a variable that a template uses must be there; the empty text is', async () => {
  const rows = [{ calleeNumber: '861320', text2: '' }, { calleeNumber: '861321', text1: 'x' }, '861322'];
  await assert.rejects(
    checkNumberList(request({ numberInfoList: rows, neededVariables: [2] })),
    refusal(-21, /^2 of the numbers.*row 2 "861321" text2 is missing.*row 3 "861322" text2 is missing/),
  );
});

test('the message counts all bad rows and names the first 20', async () => {
  const rows = Array.from({ length: 50 }, () => 'x');
  await assert.rejects(checkNumberList(request({ numberList: rows })), (error) => {
    assert.ok(error instanceof RequestError);
    assert.match(error.message, /^50 of the numbers/);
    assert.equal(error.message.match(/row \d+/g)?.length, 20);
    assert.match(error.messageIn('zh-CN'), /有 50 个号码不可用.*第 1 行 "x" 包含数字以外的字符/);
    return true;
  });
});

test('a long value is shown shortened', async () => {
  await assert.rejects(
    checkNumberList(request({ numberList: ['x'.repeat(100_000)] })),
    (error) => error instanceof RequestError && error.message.length < 300,
  );
});

test('a row that is nested deeply is a bad row like others', async () => {
  const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
  await assert.rejects(
    checkNumberList(request({ numberInfoList: [deep, { calleeNumber: { deep } }] })),
    refusal(-21, /row 1 \[\.\.\.\] is not a number; row 2 \{\.\.\.\} is not a number/),
  );
});

test('skipInvalid with nothing left is refused as well', async () => {
  await assert.rejects(checkNumberList(request({ numberList: ['x'], skipInvalid: true })), refusal(-21, /^1 of/));
});

test('no list, an empty one, no list at all', async () => {
  await assert.rejects(checkNumberList(request({})), refusal(-22, /numberInfoList: is required/));
  await assert.rejects(checkNumberList(request({ numberList: [] })), refusal(-22, /numberList: must have 1 to 200000/));
  await assert.rejects(checkNumberList(request({ numberList: 'x' })), refusal(-22, /numberList: must be a list/));
  await assert.rejects(checkNumberList(request({ numberList: { 0: 'x' } })), refusal(-22, /must be a list/));
});

test('both lists are taken together; of a number in both the row with the variables stays', async () => {
  const numberInfoList = [{ calleeNumber: '861321', text1: 'x' }, 'bad'];
  const numberList = ['861320', '861321', 'worse'];
  await assert.rejects(
    checkNumberList(request({ numberList, numberInfoList })),
    refusal(-21, /^2 of the numbers.*row 2 "bad" .*row 5 "worse" /),
  );
  const taken = await checkNumberList(request({ numberList, numberInfoList, skipInvalid: true }));
  assert.deepEqual(
    taken.callees.map(({ number, variables }) => [number, variables?.[0] ?? null]),
    [
      ['861321', 'x'],
      ['861320', null],
    ],
  );
  assert.deepEqual([taken.duplicateCount, taken.invalidCount], [1, 2]);
  const half = Array.from({ length: maxRows / 2 + 1 }, (_, index) => String(8_613_200_000_000 + index));
  await assert.rejects(
    checkNumberList(request({ numberList: half, numberInfoList: half })),
    refusal(-23, /at most 200000, got 200002/),
  );
});

test('as many rows as allowed, and one more', async () => {
  const rows = Array.from({ length: maxRows }, (_, index) => String(8_613_200_000_000 + index));
  const { callees } = await checkNumberList(request({ numberList: rows }));
  assert.equal(callees.length, maxRows);
  rows.push('8613300000000');
  await assert.rejects(checkNumberList(request({ numberList: rows })), refusal(-23, /at most 200000, got 200001/));
});

test('other work gets a turn while a long list is checked', async () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => String(8_613_200_000_000 + index));
  let turns = 0;
  let isChecking = true;
  const takeTurns = (): void => {
    if (!isChecking) return;
    turns++;
    setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  await checkNumberList(request({ numberList: rows }));
  isChecking = false;
  assert.ok(turns >= 5, `${turns} turns`);
});
