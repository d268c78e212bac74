import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../../test/support/fake-clock.ts';
import { receiptFor, type SmppBench, smppBench } from '../../../test/support/smpp-bench.ts';

/** A message that was not answered in time. */
async function overdue(text: string, settings = {}): Promise<SmppBench> {
  const bench = smppBench({ responseTimeoutS: 5, enquireLinkS: 600, ...settings });
  bench.transport.start();
  bench.carrier.accept();
  bench.send(text);
  await bench.clock.advance(5000);
  assert.equal(bench.results.get(text)?.type, 'unknown');
  return bench;
}

test('smpp: a late answer still names the message, and its receipt finds it', async () => {
  const { carrier, receipts, results, lateResults } = await overdue('slow');
  const { side } = carrier;
  side.answer(side.received[0], { message_id: 'a' });
  await settled();
  assert.deepEqual(lateResults.get('slow'), { type: 'accepted', providerIds: ['a'] });
  assert.equal(results.get('slow')?.type, 'unknown');
  side.send('deliver_sm', receiptFor('a'));
  await settled();
  assert.deepEqual(
    receipts.map(({ providerId }) => providerId),
    ['a'],
  );
});

test('smpp: a receipt that came before the late answer is given again when it is known whose it is', async () => {
  const { carrier, receipts, lateResults } = await overdue('slow');
  const { side } = carrier;
  side.send('deliver_sm', receiptFor('a', 'UNDELIV'));
  side.send('deliver_sm', receiptFor('other'));
  await settled();
  // Both were acknowledged, so that the carrier forgets them.
  assert.deepEqual(
    side.received.slice(1).map((pdu) => [pdu.command, pdu.command_status]),
    [
      ['deliver_sm_resp', 0],
      ['deliver_sm_resp', 0],
    ],
  );
  side.answer(side.received[0], { message_id: 'a' });
  await settled();
  assert.equal(lateResults.get('slow')?.type, 'accepted');
  assert.deepEqual(
    receipts.map(({ providerId, state }) => [providerId, state]),
    [
      ['a', 'failed'],
      ['other', 'delivered'],
      ['a', 'failed'],
    ],
  );
});

test('smpp: a late refusal for good is told, one for now changes nothing', async () => {
  const { carrier, clock, lateResults, send } = await overdue('nobody');
  const { side } = carrier;
  send('busy');
  await clock.advance(5000);
  side.answer(side.received[1], { command_status: 0x08 });
  side.answer(side.received[0], { command_status: 0x0b });
  await settled();
  assert.deepEqual([...lateResults.keys()], ['nobody']);
  const late = lateResults.get('nobody');
  assert.ok(late?.type === 'refused' && late.isFinal && late.code === '0x0000000b');
  await clock.advance(60_000);
  assert.equal(side.received.filter((pdu) => pdu.command === 'submit_sm').length, 2);
});

test('smpp: the last part of a long message is answered late: it is accepted, with the receipts of all parts', async () => {
  const text = 'a'.repeat(200);
  const { clock, carrier, receipts, lateResults, send, transport } = smppBench({ responseTimeoutS: 5 });
  transport.start();
  const side = carrier.accept();
  send(text);
  side.answer(side.received[0], { message_id: 'a' });
  await clock.advance(5100);
  side.send('deliver_sm', receiptFor('a'));
  await settled();
  side.answer(side.received[1], { message_id: 'b' });
  await settled();
  assert.deepEqual(lateResults.get(text), { type: 'accepted', providerIds: ['a', 'b'] });
  assert.deepEqual(
    receipts.map(({ providerId }) => providerId),
    ['a', 'a'],
  );
});

test('smpp: another part is answered late: those after it never left, so nothing is told', async () => {
  const text = 'a'.repeat(400);
  const { carrier, clock, lateResults } = await overdue(text);
  const { side } = carrier;
  side.answer(side.received[0], { message_id: 'a' });
  await clock.advance(60_000);
  assert.deepEqual([...lateResults], []);
  assert.equal(side.received.length, 1);
});

test('smpp: a carrier that is there and answers nothing gets one message at a time, until it answers', async () => {
  const { carrier, clock, transport, send } = smppBench({ window: 3, responseTimeoutS: 5, enquireLinkS: 600 });
  transport.start();
  const side = carrier.accept();
  for (let nth = 1; nth <= 8; nth += 1) send(`${nth}`);
  await clock.advance(5010);
  assert.equal(side.received.length, 4);
  assert.equal(transport.window, 1);
  await clock.advance(5010);
  assert.equal(side.received.length, 5);
  // A late one: the carrier is slow, not deaf.
  side.answer(side.received[0], { message_id: 'a' });
  await clock.advance(100);
  assert.equal(transport.window, 3);
  assert.equal(side.received.length, 7);
});
