import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DeliveryReceipt, type ReceiptReading, type ReceiptSource, readReceipt } from './delivery-receipt.ts';

const plain: ReceiptReading = { idFormat: 'same', utcOffsetMin: 0 };

function source(text: string, parameters: Partial<ReceiptSource> = {}): ReceiptSource {
  return { text, receiptedMessageId: null, messageState: null, ...parameters };
}

const doneAt = new Date('2026-11-26T18:59:00Z');

type Row = readonly [what: string, source: ReceiptSource, DeliveryReceipt | null];

const rows: readonly Row[] = [
  [
    'as the appendix has it',
    source(
      'id:0123456789 sub:001 dlvrd:001 submit date:2611261858 done date:2611261859 stat:DELIVRD err:000 text:Your code is',
    ),
    { providerId: '0123456789', state: 'delivered', doneAt, code: null },
  ],
  [
    'another order, other case, seconds, a longer year',
    source('ID:7f-3 STAT:delivrd Done Date:20261126185930 Err:0'),
    { providerId: '7f-3', state: 'delivered', doneAt: new Date('2026-11-26T18:59:30Z'), code: null },
  ],
  [
    'spaces behind the colons, nothing but the needed',
    source('id: abc_9 stat: UNDELIV err: 069'),
    { providerId: 'abc_9', state: 'failed', doneAt: null, code: 'UNDELIV 069' },
  ],
  [
    'what the message says is not read',
    source('id:1 stat:EXPIRED err:27 Text:id:2 stat:DELIVRD'),
    { providerId: '1', state: 'failed', doneAt: null, code: 'EXPIRED 27' },
  ],
  [
    'a failure without a code',
    source('id:1 sub:001 dlvrd:000 submit date:2611261858 done date:2611261859 stat:REJECTD err: text:'),
    { providerId: '1', state: 'failed', doneAt, code: 'REJECTD' },
  ],
  [
    'on its way',
    source('id:1 stat:ENROUTE err:000'),
    { providerId: '1', state: 'pending', doneAt: null, code: 'ENROUTE' },
  ],
  ['accepted', source('id:1 stat:ACCEPTD'), { providerId: '1', state: 'pending', doneAt: null, code: 'ACCEPTD' }],
  ['not known', source('id:1 stat:UNKNOWN'), { providerId: '1', state: 'unsaid', doneAt: null, code: 'UNKNOWN' }],
  [
    'a word of its own',
    source('id:1 stat:WHATEVR'),
    { providerId: '1', state: 'unsaid', doneAt: null, code: 'WHATEVR' },
  ],
  [
    'status instead of stat',
    source('id:1 status:DELIVERED'),
    { providerId: '1', state: 'delivered', doneAt: null, code: null },
  ],
  [
    'a date that there is not',
    source('id:1 done date:2613991859 stat:DELIVRD'),
    { providerId: '1', state: 'delivered', doneAt: null, code: null },
  ],
  [
    'parameters alone',
    source('', { receiptedMessageId: 'p-1', messageState: 2 }),
    { providerId: 'p-1', state: 'delivered', doneAt: null, code: null },
  ],
  [
    'parameters before text',
    source('id:text-id stat:ENROUTE err:012', { receiptedMessageId: 'p-1', messageState: 5 }),
    { providerId: 'p-1', state: 'failed', doneAt: null, code: 'UNDELIV 012' },
  ],
  [
    'an empty parameter is none',
    source('id:text-id stat:DELIVRD', { receiptedMessageId: '' }),
    { providerId: 'text-id', state: 'delivered', doneAt: null, code: null },
  ],
  [
    'a state that SMPP does not have',
    source('id:1 stat:DELIVRD', { messageState: 99 }),
    { providerId: '1', state: 'delivered', doneAt: null, code: null },
  ],
  ['no id', source('stat:DELIVRD err:000'), null],
  ['no state', source('id:1 err:000'), null],
  ['what a person writes', source('Please call me back, id: none'), null],
  ['nothing', source(''), null],
];

for (const [what, given, expected] of rows) {
  test(`receipt: ${what}`, () => assert.deepEqual(readReceipt(given, plain), expected));
}

test('receipt: the text writes the id in decimal, the answer in hexadecimal', () => {
  const reading: ReceiptReading = { idFormat: 'hex-to-dec', utcOffsetMin: null };
  assert.equal(readReceipt(source('id:0041394 stat:DELIVRD'), reading)?.providerId, '41394');
});

test("receipt: the carrier's clock", () => {
  const text = source('id:1 done date:2611270259 stat:DELIVRD');
  assert.deepEqual(readReceipt(text, { idFormat: 'same', utcOffsetMin: 480 })?.doneAt, doneAt);
  assert.equal(readReceipt(text, { idFormat: 'same', utcOffsetMin: null })?.doneAt, null);
});

test('receipt: no text breaks it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 0, max: 255 }),
      (text, messageState) => {
        const receipt = readReceipt(source(text, { messageState }), plain);
        assert.ok(receipt === null || receipt.providerId.length > 0);
      },
    ),
  );
});
