import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readInfo, writeInfoDigit } from './info-digit.ts';

const relay = 'application/dtmf-relay';
const lone = 'application/dtmf';

const digits: readonly (readonly [type: string, body: string, digit: string | null])[] = [
  [relay, 'Signal=5\r\nDuration=160\r\n', '5'],
  [relay, 'Signal= 5\r\nDuration= 160', '5'],
  [relay, 'signal =5\nduration=100\n', '5'],
  [relay, '  SIGNAL\t=\t#', '#'],
  [relay, 'Duration=160\r\nSignal=7\r\n', '7'],
  [relay, '\r\nSignal=*\r\n', '*'],
  [relay, 'Signal="9"\r\n', '9'],
  [relay, 'Signal=9;Duration=160', '9'],
  [relay, 'Signal: 3\r\n', '3'],
  [relay, 'Signal=a\r\n', 'A'],
  [relay, 'Signal=0\r\n', '0'],
  [relay, 'Signal=10\r\n', '*'],
  [relay, 'Signal=11\r\n', '#'],
  [relay, 'Signal=15\r\n', 'D'],
  ['Application/DTMF-Relay ; charset=utf-8', 'Signal=1', '1'],
  [lone, '5', '5'],
  [lone, ' d\r\n', 'D'],
  [lone, '11', '#'],
  [lone, 'Signal=4\r\nDuration=250\r\n', '4'],
  // Not keys that anybody dials: a flash in three spellings, and what means nothing.
  [relay, 'Signal=16\r\n', null],
  [relay, 'Signal=!\r\n', null],
  [relay, 'Signal=hf\r\n', null],
  [lone, '!', null],
  [relay, 'Signal=\r\nDuration=160\r\n', null],
  [relay, '5', null],
  [relay, '', null],
  [lone, '55', null],
  [lone, 'E', null],
  [lone, '', null],
  [relay, `Signal=${'1'.repeat(60_000)}`, null],
];

describe('an INFO body', () => {
  for (const [type, body, digit] of digits) {
    const shown = JSON.stringify(body.slice(0, 40));
    it(`of ${type}, ${shown}: ${digit ?? 'no key'}`, () => assert.deepEqual(readInfo(type, body), { digit }));
  }

  it('of another type is not for keys', () => {
    for (const type of ['application/sdp', 'text/plain', '', 'application/dtmf-relay2', 'application/vnd.etsi.sci+xml'])
      assert.equal(readInfo(type, 'Signal=5'), null);
  });

  it('of ours reads as what was written', () => {
    for (const digit of '0123456789*#ABCD') {
      assert.equal(readInfo(relay, writeInfoDigit(digit, 99.6))?.digit, digit);
    }
    assert.equal(writeInfoDigit('5', 99.6), 'Signal=5\r\nDuration=100\r\n');
  });
});
