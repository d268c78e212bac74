import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { enquireLinkPdu } from './pdu.ts';
import { PduFramer } from './pdu-framer.ts';

/** A PDU of any length: a header and filling. */
function pduOf(length: number): Buffer {
  const bytes = Buffer.alloc(length, 0x61);
  bytes.writeUInt32BE(length, 0);
  return bytes;
}

test('framer: however the bytes come, the PDUs are the same', () => {
  const anyPdus = fc.array(fc.integer({ min: 16, max: 300 }).map(pduOf), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(anyPdus, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (pdus, steps) => {
      const bytes = Buffer.concat(pdus);
      const framer = new PduFramer();
      const found: Buffer[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const step = steps[turn % steps.length] ?? 1;
        found.push(...framer.push(bytes.subarray(at, at + step)));
        at += step;
      }
      assert.equal(framer.broken, null);
      assert.deepEqual(
        found.map((pdu) => pdu.toString('hex')),
        pdus.map((pdu) => pdu.toString('hex')),
      );
    }),
  );
});

for (const [what, length] of [
  ['none', 0],
  ['less than a header', 15],
  ['more than any PDU', 70_001],
  ['an HTTP answer', Buffer.from('HTTP').readUInt32BE()],
] as const) {
  test(`framer: a length of ${what} is the end`, () => {
    const framer = new PduFramer();
    const bytes = Buffer.alloc(32);
    bytes.writeUInt32BE(length, 0);
    const good = enquireLinkPdu(1);
    assert.deepEqual(framer.push(Buffer.concat([good, bytes])), [good]);
    assert.match(framer.broken ?? '', new RegExp(`a length of ${length}$`));
    assert.deepEqual(framer.push(good), []);
  });
}

test('framer: the largest that there may be', () => {
  const framer = new PduFramer();
  assert.equal(framer.push(pduOf(70_000))[0]?.length, 70_000);
});
