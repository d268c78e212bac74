import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DigitSource } from '../../call/engine.ts';
import { type DigitPairing, pairDigit } from './digit-pairing.ts';

type Heard = [digit: string, source: DigitSource, atMs: number];

/** The digits that count, in order. */
function counted(heard: Heard[]): string {
  let pairing: DigitPairing = [];
  let result = '';
  for (const [digit, source, atMs] of heard) {
    const step = pairDigit(pairing, { digit, source, atMs });
    pairing = step.pairing;
    if (step.isNew) result += digit;
  }
  return result;
}

describe('pairDigit', () => {
  const rows: [string, Heard[], string][] = [
    ['an event alone', [['5', 'rfc4733', 0]], '5'],
    ['INFO alone', [['5', 'sip-info', 0]], '5'],
    [
      'one press by both, event first',
      [
        ['5', 'rfc4733', 0],
        ['5', 'sip-info', 100],
      ],
      '5',
    ],
    [
      'one press by both, INFO first',
      [
        ['5', 'sip-info', 0],
        ['5', 'rfc4733', 1999],
      ],
      '5',
    ],
    [
      'two reports too far apart are two presses',
      [
        ['5', 'rfc4733', 0],
        ['5', 'sip-info', 2000],
      ],
      '55',
    ],
    [
      'the same key twice by event',
      [
        ['5', 'rfc4733', 0],
        ['5', 'rfc4733', 300],
      ],
      '55',
    ],
    [
      'the same key twice by both, in turns',
      [
        ['5', 'rfc4733', 0],
        ['5', 'sip-info', 50],
        ['5', 'rfc4733', 300],
        ['5', 'sip-info', 350],
      ],
      '55',
    ],
    [
      'the same key twice by both, one source late',
      [
        ['5', 'rfc4733', 0],
        ['5', 'rfc4733', 300],
        ['5', 'sip-info', 400],
        ['5', 'sip-info', 700],
      ],
      '55',
    ],
    [
      'one press by all three',
      [
        ['5', 'rfc4733', 0],
        ['5', 'in-band', 30],
        ['5', 'sip-info', 100],
      ],
      '5',
    ],
    [
      'the same key twice by all three, in disorder',
      [
        ['5', 'in-band', 0],
        ['5', 'rfc4733', 10],
        ['5', 'in-band', 200],
        ['5', 'sip-info', 220],
        ['5', 'rfc4733', 230],
        ['5', 'sip-info', 400],
      ],
      '55',
    ],
    [
      'a press that one source missed takes nothing from the next',
      [
        ['5', 'rfc4733', 0],
        ['5', 'rfc4733', 300],
        ['5', 'in-band', 320],
        ['5', 'rfc4733', 600],
        ['5', 'in-band', 610],
      ],
      '555',
    ],
    [
      'different keys do not pair',
      [
        ['1', 'rfc4733', 0],
        ['2', 'sip-info', 10],
      ],
      '12',
    ],
    [
      'keys that cross',
      [
        ['1', 'rfc4733', 0],
        ['2', 'rfc4733', 200],
        ['1', 'sip-info', 300],
        ['2', 'sip-info', 400],
      ],
      '12',
    ],
  ];
  for (const [name, heard, expected] of rows) it(name, () => assert.equal(counted(heard), expected));
});
