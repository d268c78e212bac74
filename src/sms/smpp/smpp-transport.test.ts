import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../../test/support/fake-clock.ts';
import { receiptFor, smppBench } from '../../../test/support/smpp-bench.ts';

const notFinal = { type: 'refused', isFinal: false, code: null, retryAfterMs: null } as const;

test('smpp: is bound, sends, is answered in another order', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  assert.deepEqual(transport.state, { state: 'down', reason: null });
  transport.start();
  assert.deepEqual(transport.state, { state: 'connecting', reason: null });
  const side = carrier.accept();
  assert.deepEqual(transport.state, { state: 'up', reason: null });
  send('one');
  send('two');
  await clock.advance(10);
  const [one, two] = side.received;
  assert.equal(one?.short_message?.message, 'one');
  side.answer(two, { message_id: 'b' });
  side.answer(one, { message_id: 'a' });
  await settled();
  assert.deepEqual(results.get('one'), { type: 'accepted', providerIds: ['a'] });
  assert.deepEqual(results.get('two'), { type: 'accepted', providerIds: ['b'] });
});

test('smpp: no more than the window is out', async () => {
  const { clock, carrier, transport, send } = smppBench({ window: 2 });
  transport.start();
  const side = carrier.accept();
  for (const text of ['1', '2', '3']) send(text);
  await clock.advance(100);
  assert.equal(side.received.length, 2);
  side.answer(side.received[1], { message_id: 'x' });
  await clock.advance(100);
  assert.equal(side.received.length, 3);
});

test('smpp: the window is that of the connections that are bound', () => {
  const { carrier, transport } = smppBench({ window: 5, binds: 2 });
  transport.start();
  assert.equal(transport.window, 0);
  for (const [index, side] of carrier.sides.entries()) {
    side.connect();
    side.answer(side.received.shift());
    assert.equal(transport.window, 5 * (index + 1));
  }
  carrier.side.lose(null);
  assert.equal(transport.window, 5);
});

test('smpp: the parts of a long message go one after the other, with one reference', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  const text = 'a'.repeat(400);
  send(text);
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    assert.equal(side.received.length, index + 1);
    side.answer(side.received[index], { message_id: id });
    await clock.advance(10);
  }
  assert.deepEqual(results.get(text), { type: 'accepted', providerIds: ['a', 'b', 'c'] });
  const headers = side.received.map((pdu) => pdu.short_message?.udh?.[0]?.toString('hex'));
  assert.equal(new Set(headers.map((header) => header?.slice(0, 6))).size, 1);
  assert.deepEqual(
    headers.map((header) => header?.slice(6)),
    ['0301', '0302', '0303'],
  );
});

test('smpp: a refusal says whether it is for good', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  send('nobody');
  send('busy');
  send('nack');
  await clock.advance(10);
  side.answer(side.received[0], { command_status: 0x0b });
  side.answer(side.received[1], { command_status: 0x08 });
  side.send('generic_nack', { sequence_number: side.received[2]?.sequence_number, command_status: 0x02 });
  await settled();
  const refused = { type: 'refused', retryAfterMs: null } as const;
  assert.deepEqual(results.get('nobody'), {
    ...refused,
    isFinal: true,
    code: '0x0000000b',
    reason: 'ESME_RINVDSTADR, no such number',
  });
  assert.deepEqual(results.get('busy'), {
    ...refused,
    isFinal: false,
    code: '0x00000008',
    reason: "ESME_RSYSERR, the carrier's system failed",
  });
  assert.deepEqual(results.get('nack'), {
    ...refused,
    isFinal: true,
    code: '0x00000002',
    reason: 'ESME_RINVCMDLEN, the request has a wrong length',
  });
});

test('smpp: throttled, it waits and sends again, and gives it back after three times', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  send('fast');
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(side.received.length, turn + 1);
    side.answer(side.received[turn], { command_status: 0x58 });
    await clock.advance(900);
    assert.equal(side.received.length, turn + 1);
    await clock.advance(200);
  }
  const result = results.get('fast');
  assert.ok(result?.type === 'refused' && !result.isFinal && result.retryAfterMs === 10_000);
});

test('smpp: a later part that is refused for good leaves the message unknown, and no part follows', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  const text = 'a'.repeat(400);
  send(text);
  side.answer(side.received[0], { message_id: 'a' });
  await clock.advance(10);
  side.answer(side.received[1], { command_status: 0x0a });
  await clock.advance(10);
  assert.equal(side.received.length, 2);
  assert.deepEqual(results.get(text), {
    type: 'unknown',
    reason: '1 of 3 parts were accepted, then: ESME_RINVSRCADR, the sender is not allowed',
    providerIds: ['a'],
  });
});

test('smpp: the connection breaks: what was written is unknown, what was not may be sent later', async () => {
  const { clock, carrier, transport, results, send } = smppBench({ window: 1 });
  transport.start();
  const side = carrier.accept();
  send('written');
  send('waiting');
  side.lose(new Error('ECONNRESET'));
  await settled();
  assert.deepEqual(results.get('written'), { type: 'unknown', reason: 'ECONNRESET', providerIds: [] });
  assert.deepEqual(results.get('waiting'), { ...notFinal, reason: 'ECONNRESET' });
  assert.deepEqual(transport.state, { state: 'down', reason: 'ECONNRESET' });
  send('meanwhile');
  await settled();
  assert.deepEqual(results.get('meanwhile'), { ...notFinal, reason: 'ECONNRESET' });
  await clock.advance(1000);
  assert.equal(carrier.sides.length, 2);
  carrier.accept();
  assert.equal(transport.state.state, 'up');
  // Nothing is sent by itself.
  assert.deepEqual(carrier.side.received, []);
});

test('smpp: the rest of a long message goes over the next connection', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const text = 'a'.repeat(200);
  const first = carrier.accept();
  send(text);
  // The second part waits for the rate when the connection goes.
  first.answer(first.received[0], { message_id: 'a' });
  first.lose(null);
  await clock.advance(1000);
  const second = carrier.accept();
  await clock.advance(10);
  second.answer(second.received[0], { message_id: 'b' });
  await settled();
  assert.deepEqual(results.get(text), { type: 'accepted', providerIds: ['a', 'b'] });
});

test('smpp: the rest of a long message does not wait for a connection for ever', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const text = 'a'.repeat(200);
  const side = carrier.accept();
  send(text);
  side.answer(side.received[0], { message_id: 'a' });
  side.lose(null);
  await clock.advance(60_000);
  const result = results.get(text);
  assert.ok(result?.type === 'unknown' && result.reason.startsWith('1 of 2 parts were accepted, then: '));
  assert.deepEqual(result.providerIds, ['a']);
});

test('smpp: an answer that does not come is unknown, and its room is used again', async () => {
  const { clock, carrier, transport, results, send } = smppBench({ window: 1, responseTimeoutS: 5, enquireLinkS: 60 });
  transport.start();
  const side = carrier.accept();
  send('silence');
  send('next');
  await clock.advance(5000);
  assert.deepEqual(results.get('silence'), {
    type: 'unknown',
    reason: 'the carrier did not answer in time',
    providerIds: [],
  });
  assert.equal(side.received.length, 2);
  // Too late: nobody is told twice.
  side.answer(side.received[0], { message_id: 'late' });
  side.answer(side.received[1], { message_id: 'b' });
  await settled();
  assert.deepEqual(results.get('next'), { type: 'accepted', providerIds: ['b'] });
});

test('smpp: silence is probed, and ended when nothing comes', async () => {
  const { clock, carrier, transport } = smppBench();
  transport.start();
  const side = carrier.accept();
  await clock.advance(29_000);
  side.send('enquire_link');
  assert.equal(side.received.shift()?.command, 'enquire_link_resp');
  await clock.advance(29_000);
  assert.equal(side.received.length, 0);
  await clock.advance(1000);
  assert.equal(side.received[0]?.command, 'enquire_link');
  side.answer(side.received.shift());
  await clock.advance(30_000);
  assert.equal(side.received[0]?.command, 'enquire_link');
  await clock.advance(10_000);
  assert.equal(side.isClosed, true);
  assert.deepEqual(transport.state, { state: 'down', reason: 'no answer to enquire_link' });
});

test('smpp: the carrier unbinds: answered, and connected again', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  send('out');
  side.received.shift();
  side.send('unbind');
  assert.equal(side.received[0]?.command, 'unbind_resp');
  assert.equal(side.isClosed, true);
  await clock.advance(1000);
  assert.equal(results.get('out')?.type, 'unknown');
  assert.equal(carrier.sides.length, 2);
});

test('smpp: what is no SMPP ends the connection; a request that we do not know does not', async () => {
  const { carrier, transport } = smppBench();
  transport.start();
  const side = carrier.accept();
  side.send('data_sm', { destination_addr: '1' });
  side.send('outbind', { system_id: 'x' });
  assert.deepEqual(
    side.received.map((pdu) => [pdu.command, pdu.command_status]),
    [['generic_nack', 3]],
  );
  side.bytes(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  assert.match(transport.state.reason ?? '', /^not SMPP/);
});

test('smpp: a receipt is answered when it is kept, and asked for again when it could not be', async () => {
  let isAway = true;
  const { carrier, transport, receipts } = smppBench({}, () =>
    isAway ? Promise.reject(new Error('the database is away')) : Promise.resolve(),
  );
  transport.start();
  const side = carrier.accept();
  side.send('deliver_sm', receiptFor('a'));
  await settled();
  isAway = false;
  side.send('deliver_sm', receiptFor('a'));
  await settled();
  assert.deepEqual(
    side.received.map((pdu) => [pdu.command, pdu.command_status]),
    [
      ['deliver_sm_resp', 0x64],
      ['deliver_sm_resp', 0],
    ],
  );
  assert.deepEqual(receipts[1], { providerId: 'a', state: 'delivered', doneAt: null, code: null });
});

test('smpp: a receipt before the answer waits for it', async () => {
  const { carrier, transport, receipts, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  send('quick');
  side.send('deliver_sm', receiptFor('a', 'UNDELIV'));
  await settled();
  assert.deepEqual(receipts, []);
  side.answer(side.received[0], { message_id: 'a' });
  await settled();
  assert.equal(results.get('quick')?.type, 'accepted');
  assert.deepEqual(receipts, [{ providerId: 'a', state: 'failed', doneAt: null, code: 'UNDELIV' }]);
});

test('smpp: what is no receipt, or not the last, or cannot be read, is answered and goes no further', async () => {
  const { carrier, transport, receipts } = smppBench();
  transport.start();
  const side = carrier.accept();
  side.send('deliver_sm', { esm_class: 0, short_message: Buffer.from('id:a stat:DELIVRD') });
  side.send('deliver_sm', receiptFor('a', 'ENROUTE'));
  side.send('deliver_sm', { esm_class: 4, short_message: Buffer.from('hello') });
  await settled();
  assert.deepEqual(
    side.received.map((pdu) => pdu.command_status),
    [0, 0, 0],
  );
  assert.deepEqual(receipts, []);
  assert.equal(transport.ignoredMessages, 1);
});

test('smpp: closing waits for what is out, unbinds, and takes nothing more', async () => {
  const { clock, carrier, transport, results, send } = smppBench({ window: 1 });
  transport.start();
  const side = carrier.accept();
  send('out');
  send('waiting');
  const closed = transport.close(new AbortController().signal);
  await settled();
  assert.deepEqual(results.get('waiting'), { ...notFinal, reason: 'the channel is being closed' });
  assert.equal(results.get('out'), undefined);
  side.answer(side.received.shift(), { message_id: 'a' });
  await clock.advance(10);
  assert.equal(results.get('out')?.type, 'accepted');
  assert.equal(side.received[0]?.command, 'unbind');
  side.answer(side.received[0]);
  await closed;
  assert.equal(side.isClosed, true);
  assert.equal(clock.pendingTimers, 0);
});

test('smpp: closing does not wait for ever', async () => {
  const { clock, carrier, transport, results, send } = smppBench();
  transport.start();
  const side = carrier.accept();
  send('out');
  const abort = new AbortController();
  const closed = transport.close(abort.signal);
  await settled();
  abort.abort();
  await clock.advance(10_000);
  await closed;
  assert.deepEqual(results.get('out'), { type: 'unknown', reason: 'the channel was closed', providerIds: [] });
  assert.equal(side.isClosed, true);
});

test('smpp: a wrong password is told, and not tried every second', async () => {
  const { clock, carrier, transport } = smppBench();
  transport.start();
  carrier.side.connect();
  carrier.side.answer(carrier.side.received[0], { command_status: 0x0e });
  assert.deepEqual(transport.state, {
    state: 'down',
    reason: 'the bind was refused: ESME_RINVPASWD, wrong password',
  });
  await clock.advance(29_000);
  assert.equal(carrier.sides.length, 1);
  await clock.advance(31_000);
  assert.ok(carrier.sides.length > 1);
});

test('smpp: a pair of binds: messages over one, receipts over the other', async () => {
  const { carrier, transport, receipts, results, send } = smppBench({ bindMode: 'pair' });
  transport.start();
  const [transmitter, receiver] = carrier.sides;
  assert.ok(transmitter && receiver);
  for (const side of [transmitter, receiver]) side.connect();
  assert.deepEqual(
    [transmitter, receiver].map((side) => side.received[0]?.command),
    ['bind_transmitter', 'bind_receiver'],
  );
  for (const side of [receiver, transmitter]) side.answer(side.received.shift());
  send('hello');
  transmitter.answer(transmitter.received[0], { message_id: 'a' });
  await settled();
  receiver.send('deliver_sm', receiptFor('a'));
  await settled();
  assert.equal(results.get('hello')?.type, 'accepted');
  assert.equal(receipts.length, 1);
});

test('smpp: several binds take turns', async () => {
  const { clock, carrier, transport, send } = smppBench({ binds: 2 });
  transport.start();
  for (const side of carrier.sides) {
    side.connect();
    side.answer(side.received.shift());
  }
  for (const text of ['1', '2', '3', '4']) send(text);
  await clock.advance(10);
  assert.deepEqual(
    carrier.sides.map((side) => side.received.map((pdu) => pdu.short_message?.message)),
    [
      ['1', '3'],
      ['2', '4'],
    ],
  );
});

test('smpp: what cannot be sent at all is refused for good', async () => {
  const { carrier, transport } = smppBench();
  transport.start();
  carrier.accept();
  const refuse = (over: { from?: string; to?: string; text?: string }) =>
    transport.send({ messageId: '1', to: '1', from: 'x', text: 'y', ...over });
  for (const over of [{ from: '钟' }, { to: '1'.repeat(21) }, { text: 'a'.repeat(255 * 153 + 1) }]) {
    const result = await refuse(over);
    assert.ok(result.type === 'refused' && result.isFinal, JSON.stringify(over));
  }
  assert.deepEqual(carrier.side.received, []);
});
