import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { CarillonSignatureError } from './errors.ts';
import { verifyReport } from './verify-report.ts';

const secret = 'report secret';
const now = () => 1_800_000_000_000;
const body = JSON.stringify({ voiceId: '22', callee: '8613900000001', terminationReason: '成功' });

function signature(text: string, timestampS = 1_800_000_000, key = secret): string {
  return createHmac('sha256', key).update(`${timestampS}.${text}`).digest('hex');
}

test('a signed report is read, from text and from bytes', async () => {
  const header = `t=1800000000,v1=${signature(body)}`;
  const expected = [JSON.parse(body)];
  assert.deepEqual(await verifyReport(body, header, secret, { now }), expected);
  assert.deepEqual(await verifyReport(Buffer.from(body), header, secret, { now }), expected);
});

test('a batch is a list', async () => {
  const batch = `[${body},${body}]`;
  const reports = await verifyReport(batch, `t=1800000000,v1=${signature(batch)}`, secret, { now });
  assert.deepEqual(
    reports.map(({ voiceId }) => voiceId),
    ['22', '22'],
  );
});

test('one right signature among several is enough', async () => {
  const header = `t=1800000000, v1=${signature(body, 1_800_000_000, 'old')}, v1=${signature(body).toUpperCase()}`;
  assert.equal((await verifyReport(body, header, secret, { now })).length, 1);
});

test('what is wrong with a signature is refused', async () => {
  const right = signature(body);
  const headers: Record<string, string | null | undefined> = {
    'of another secret': `t=1800000000,v1=${signature(body, 1_800_000_000, 'other')}`,
    'of another body': `t=1800000000,v1=${signature(`${body} `)}`,
    'of another time': `t=1800000001,v1=${right}`,
    'without a time': `v1=${right}`,
    'without a signature': 't=1800000000',
    'cut short': `t=1800000000,v1=${right.slice(2)}`,
    'of another version': `t=1800000000,v0=${right}`,
    empty: '',
    'that is not there': undefined,
    'that is null': null,
  };
  for (const [what, header] of Object.entries(headers)) {
    await assert.rejects(verifyReport(body, header, secret, { now }), CarillonSignatureError, what);
  }
});

test('a signature is good for five minutes in either direction, or for as long as is said', async () => {
  for (const timestampS of [1_800_000_300, 1_799_999_700]) {
    const header = `t=${timestampS},v1=${signature(body, timestampS)}`;
    assert.equal((await verifyReport(body, header, secret, { now })).length, 1);
  }
  for (const timestampS of [1_800_000_301, 1_799_999_699]) {
    const header = `t=${timestampS},v1=${signature(body, timestampS)}`;
    await assert.rejects(verifyReport(body, header, secret, { now }), /s off/);
    assert.equal((await verifyReport(body, header, secret, { now, toleranceS: 400 })).length, 1);
  }
});
