import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CallRate, chargeFields, freeCharge, nothingCharged } from './call-charge.ts';

const euro: CallRate = {
  code: 'Afghanistan(Kandahar)',
  billPeriod: '20+20',
  rate: '0.06',
  currency: 'EUR',
  quoteExchange: '1.1',
};
const amounts = { chargedDurationS: 40, cost: '0.04', baseCost: '0.044' };

test('a call in another currency than US dollars says how it is settled', () => {
  assert.deepEqual(chargeFields({ ...amounts, rate: euro }), {
    ...{
      code: 'Afghanistan(Kandahar)',
      chargedDuration: 40,
      billPeriod: '20+20',
      rate: '0.06',
      baseCost: '0.044',
      cost: '0.04',
    },
    ...{ settleRate: '0.06', quoteExchange: '1.1', settlePay: '0.04', currency: 'EUR' },
  });
});

test('a call in US dollars leaves the last four out', () => {
  const fields = chargeFields({ ...amounts, baseCost: '0.04', rate: { ...euro, currency: 'USD', quoteExchange: '1' } });
  assert.deepEqual([fields.cost, fields.baseCost, fields.rate], ['0.04', '0.04', '0.06']);
  assert.deepEqual(
    [fields.settleRate, fields.quoteExchange, fields.settlePay, fields.currency],
    [null, null, null, null],
  );
});

test('without a rate a call cost nothing, and one that was not made has no cost yet', () => {
  const free = chargeFields(freeCharge(true));
  assert.deepEqual([free.cost, free.chargedDuration, free.rate, free.billPeriod], ['0', 0, null, null]);
  assert.ok(Object.values(nothingCharged).every((value) => value === null));
});
