import assert from 'node:assert/strict';
import { isIPv4 } from 'node:net';
import { describe, it } from 'node:test';
import type { Answer } from 'dns-packet';
import fc from 'fast-check';
import { type DnsQuery, isDnsName, readReply, writeQuery } from './dns-message.ts';
import type { DnsType } from './dns-resolver.ts';
import { aliasRecord, aRecord, replyTo, soaRecord } from './testing/scripted-wire.ts';

const query = <T extends DnsType>(type: T): DnsQuery<T> => ({ id: 4711, type, name: '_sip._udp.example' });
const name = query('srv').name;

const records: Readonly<Record<DnsType, Answer[]>> = {
  naptr: [
    {
      type: 'NAPTR',
      name,
      ttl: 9,
      data: {
        order: 1,
        preference: 2,
        flags: 's',
        services: 'SIP+D2U',
        regexp: '',
        replacement: '_sip._udp.x.example',
      },
    },
  ],
  srv: [{ type: 'SRV', name, ttl: 8, data: { priority: 1, weight: 2, port: 5080, target: 'b.example' } }],
  a: [aliasRecord(name, 'b.example'), aRecord('b.example', '192.0.2.1')],
  aaaa: [{ type: 'AAAA', name, ttl: 7, data: '2001:db8::1' }],
};
const types = Object.keys(records) as DnsType[];

/** A server's whole answer to a question. */
function replyOf(type: DnsType): Buffer {
  const packet = { id: 4711, questions: [{ type: type.toUpperCase() as 'A', name, class: 'IN' as const }] };
  return replyTo(packet, { answers: records[type], authorities: [soaRecord('example', 60, 60)] });
}

describe('DNS message', () => {
  it('asks with EDNS for answers of 1,232 bytes, or without', () => {
    const [plain, extended] = [writeQuery(query('srv'), false), writeQuery(query('srv'), true)];
    assert.equal(extended.length, plain.length + 11);
    assert.equal(extended.readUInt16BE(extended.length - 8), 1_232);
    assert.deepEqual(extended.subarray(12, plain.length), plain.subarray(12));
  });

  it('takes what was not spoilt', () => {
    for (const type of types) {
      const reply = readReply(replyOf(type), query(type));
      assert.ok(reply.kind === 'answer' && reply.answer.kind === 'records', type);
    }
  });

  it('never throws, and gives no address that is none, however an answer was spoilt', () => {
    const spoil = fc.record({
      type: fc.constantFrom(...types),
      changes: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
      cut: fc.option(fc.nat(200)),
      isIdKept: fc.boolean(),
    });
    fc.assert(
      fc.property(spoil, ({ type, changes, cut, isIdKept }) => {
        const message = replyOf(type).subarray(0, cut ?? undefined);
        for (const [at, byte] of changes) {
          if (at < message.length && (!isIdKept || at > 3)) message[at] = byte;
        }
        const reply = readReply(message, query(type));
        if (reply.kind !== 'answer') return;
        assert.ok(reply.answer.ttlS >= 0 && reply.answer.ttlS <= 0x7fffffff);
        if (type === 'a' && reply.answer.kind === 'records') {
          for (const address of reply.answer.records) assert.ok(typeof address === 'string' && isIPv4(address));
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('never throws at noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        const message = Buffer.from(noise);
        if (message.length > 3) message.writeUInt32BE(0x12678180);
        readReply(message, query('srv'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows what can be asked for', () => {
    for (const good of ['a', '_sips._tcp.example.com', 'xn--bcher-kva.example', `${'a'.repeat(63)}.b`]) {
      assert.ok(isDnsName(good), good);
    }
    for (const bad of ['', '.', 'a..b', 'a b', 'ü.example', `${'a'.repeat(64)}.b`, 'a.'.repeat(127)]) {
      assert.ok(!isDnsName(bad), bad);
    }
  });
});
