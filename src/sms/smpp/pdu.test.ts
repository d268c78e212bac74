import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PDU } from 'smpp';
import {
  answerPdu,
  bindPdu,
  commandIds,
  enquireLinkPdu,
  genericNackPdu,
  readPdu,
  type SubmitFields,
  submitPdu,
  unbindPdu,
} from './pdu.ts';

/** The library, which others wrote, reads what we write and writes what we read. */
const libraryReads = (bytes: Buffer): PDU => new PDU(bytes);

const submit: SubmitFields = {
  source: { ton: 5, npi: 0, address: 'Carillon' },
  destination: { ton: 1, npi: 1, address: '8613800138000' },
  esmClass: 0,
  registeredDelivery: 1,
  dataCoding: 8,
  shortMessage: Buffer.from('4e2d6587', 'hex'),
  sar: null,
};

test('pdu: a bind', () => {
  for (const command of ['bind_receiver', 'bind_transmitter', 'bind_transceiver'] as const) {
    const pdu = libraryReads(bindPdu(command, 7, { systemId: 'me', password: 'secret', systemType: 'VMS' }));
    assert.equal(pdu.command, command);
    assert.equal(pdu.sequence_number, 7);
    assert.deepEqual(
      [pdu.system_id, pdu.password, pdu.system_type, pdu.interface_version],
      ['me', 'secret', 'VMS', 0x34],
    );
  }
});

test('pdu: a submit_sm', () => {
  const pdu = libraryReads(submitPdu(0x7fffffff, submit));
  assert.equal(pdu.command, 'submit_sm');
  assert.equal(pdu.sequence_number, 0x7fffffff);
  assert.deepEqual([pdu.source_addr_ton, pdu.source_addr_npi, pdu.source_addr], [5, 0, 'Carillon']);
  assert.deepEqual([pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr], [1, 1, '8613800138000']);
  assert.deepEqual([pdu.esm_class, pdu.registered_delivery, pdu.data_coding], [0, 1, 8]);
  assert.equal(pdu.short_message?.message, '中文');
});

test('pdu: a part marked beside its text', () => {
  const pdu = libraryReads(submitPdu(1, { ...submit, sar: { reference: 200, total: 3, place: 2 } }));
  assert.deepEqual([pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum], [200, 3, 2]);
});

test('pdu: a part with a header in its text', () => {
  const shortMessage = Buffer.from('050003c803024e2d', 'hex');
  const pdu = libraryReads(submitPdu(1, { ...submit, esmClass: 0x40, shortMessage }));
  assert.equal(pdu.short_message?.message, '中');
  assert.deepEqual(pdu.short_message?.udh?.[0]?.toString('hex'), '0003c80302');
});

test('pdu: the small ones', () => {
  assert.equal(libraryReads(enquireLinkPdu(3)).command, 'enquire_link');
  assert.equal(libraryReads(unbindPdu(3)).command, 'unbind');
  const nack = libraryReads(genericNackPdu(9, 3));
  assert.deepEqual([nack.command, nack.sequence_number, nack.command_status], ['generic_nack', 9, 3]);
  const answer = libraryReads(answerPdu(commandIds.deliver_sm, 9, 0));
  assert.deepEqual([answer.command, answer.sequence_number, answer.message_id], ['deliver_sm_resp', 9, '']);
});

test('pdu: an answer with an id, without, and refused', () => {
  const answer = (options: Record<string, unknown>) =>
    readPdu(new PDU('submit_sm_resp', { sequence_number: 5, ...options }).toBuffer());
  const common = { type: 'answer', commandId: 0x80000004, sequence: 5 };
  assert.deepEqual(answer({ message_id: 'a_1' }), { ...common, status: 0, messageId: 'a_1' });
  assert.deepEqual(answer({ command_status: 0x58 }), { ...common, status: 0x58, messageId: null });
  const bound = readPdu(new PDU('bind_transceiver_resp', { sequence_number: 1, system_id: 'smsc' }).toBuffer());
  assert.deepEqual(bound, { type: 'answer', commandId: 0x80000009, sequence: 1, status: 0, messageId: null });
});

function deliver(options: Record<string, unknown>): Buffer {
  return new PDU('deliver_sm', { sequence_number: 5, esm_class: 4, source_addr: '1', ...options }).toBuffer();
}

test('pdu: a receipt keeps its underscores, whatever the alphabet is called', () => {
  // The library reads this one's id as msg§1.
  const bytes = deliver({ short_message: Buffer.from('id:msg_1 stat:DELIVRD'), data_coding: 0 });
  const expected = { text: 'id:msg_1 stat:DELIVRD', receiptedMessageId: null, messageState: null };
  assert.deepEqual(readPdu(bytes), { type: 'deliver', sequence: 5, esmClass: 4, receipt: expected });
});

test('pdu: a receipt in UCS-2, in a payload, with parameters', () => {
  const wide = readPdu(deliver({ short_message: 'id:1', data_coding: 8 }));
  assert.equal(wide.type === 'deliver' && wide.receipt.text, 'id:1');
  const payload = readPdu(
    deliver({ message_payload: Buffer.from('id:2'), receipted_message_id: '3', message_state: 2 }),
  );
  const expected = { text: 'id:2', receiptedMessageId: '3', messageState: 2 };
  assert.deepEqual(payload.type === 'deliver' && payload.receipt, expected);
});

test('pdu: a receipt that ends as a C string does', () => {
  const read = readPdu(deliver({ short_message: Buffer.from('id:1 stat:UNDELIV err:069\0') }));
  assert.equal(read.type === 'deliver' && read.receipt.text, 'id:1 stat:UNDELIV err:069 ');
});

test('pdu: requests of the far side', () => {
  assert.deepEqual(readPdu(new PDU('enquire_link', { sequence_number: 2 }).toBuffer()), {
    type: 'request',
    commandId: commandIds.enquire_link,
    sequence: 2,
  });
});

test('pdu: a deliver_sm that ends within a field is malformed, and nothing else breaks', () => {
  const whole = deliver({ short_message: Buffer.from('id:1 stat:DELIVRD'), message_state: 2 });
  const cuts = Array.from({ length: whole.length - 16 }, (_, index) => readPdu(whole.subarray(0, 16 + index)).type);
  assert.ok(cuts.slice(0, -5).every((type) => type === 'malformed'));
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 120 }), (bytes) => {
      assert.ok(readPdu(Buffer.from(bytes)).sequence >= 0);
    }),
  );
});
