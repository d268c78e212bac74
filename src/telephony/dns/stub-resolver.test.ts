import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { seededRandom } from '../../lib/random.ts';
import type { DnsServer } from './dns-wire.ts';
import { StubResolver } from './stub-resolver.ts';
import {
  aliasRecord,
  aRecord,
  type ReplyParts,
  replyTo,
  ScriptedWire,
  soaRecord,
  type WireQuestion,
} from './testing/scripted-wire.ts';

const first: DnsServer = { address: '192.0.2.1', port: 53 };
const second: DnsServer = { address: '192.0.2.2', port: 53 };

function setup(servers: readonly DnsServer[] = [first, second]) {
  const wire = new ScriptedWire();
  const clock = new FakeClock();
  const resolver = new StubResolver({ servers: () => servers, wire, clock, random: seededRandom(7) });
  /** Answers every question with what the function says of it; null: silence. */
  const answer = (say: (question: WireQuestion) => ReplyParts | Buffer | null): void => {
    wire.onQuestion = (question) => {
      const said = say(question);
      if (said === null) return;
      question.listener.onMessage(Buffer.isBuffer(said) ? said : replyTo(question.packet, said));
    };
  };
  return { wire, clock, resolver, answer };
}

const good: ReplyParts = { answers: [aRecord('sip.example', '10.0.0.1', 60)] };
const isGood = { kind: 'records', records: ['10.0.0.1'], ttlS: 60 };

describe('stub resolver', () => {
  it('asks the first server with recursion desired, and closes what it opened', async () => {
    const { wire, clock, resolver, answer } = setup();
    answer(() => good);
    assert.deepEqual(await resolver.a('SIP.example.'), isGood);
    const [question] = wire.questions;
    assert.deepEqual(
      [question?.protocol, question?.server, question?.packet.questions, question?.isClosed, clock.pendingTimers],
      ['udp', first, [{ name: 'sip.example', type: 'A', class: 'IN' }], true, 0],
    );
    assert.equal((question?.packet.flags ?? 0) & 0x0100, 0x0100);
  });

  it('reads NAPTR and SRV', async () => {
    const { resolver, answer } = setup();
    const naptr = { order: 1, preference: 2, flags: 's', services: 'SIP+D2U', regexp: '', replacement: '_sip._udp.x' };
    const srv = { priority: 1, weight: 2, port: 5080, target: 'b.example' };
    answer(({ packet }) => {
      const name = packet.questions?.[0]?.name ?? '';
      const type = packet.questions?.[0]?.type;
      return {
        answers: [
          type === 'NAPTR' ? { type: 'NAPTR', name, ttl: 9, data: naptr } : { type: 'SRV', name, ttl: 8, data: srv },
        ],
      };
    });
    assert.deepEqual(await resolver.naptr('x'), { kind: 'records', records: [naptr], ttlS: 9 });
    assert.deepEqual(await resolver.srv('_sip._udp.x'), { kind: 'records', records: [srv], ttlS: 8 });
  });

  it('takes a number for each question that is not to be told from the one before', async () => {
    const { wire, resolver, answer } = setup();
    answer(() => good);
    for (let count = 0; count < 50; count++) await resolver.a('sip.example');
    const ids = wire.questions.map(({ packet }) => packet.id ?? 0);
    assert.ok(new Set(ids).size > 45);
    assert.ok(ids.some((id, index) => Math.abs(id - (ids[index - 1] ?? 0)) > 256));
  });

  const forgeries: Record<string, (question: WireQuestion) => Buffer> = {
    'another number': ({ packet }) => replyTo(packet, { ...good, id: ((packet.id ?? 0) + 1) % 65536 }),
    'another question': ({ packet }) =>
      replyTo(packet, { ...good, questions: [{ type: 'A', name: 'other.example', class: 'IN' }] }),
    'another type': ({ packet }) =>
      replyTo(packet, { ...good, questions: [{ type: 'AAAA', name: 'sip.example', class: 'IN' }] }),
    'no question': ({ packet }) => replyTo(packet, { ...good, questions: [] }),
    'a question, not an answer': ({ packet }) => {
      const reply = replyTo(packet, good);
      reply.writeUInt8(reply.readUInt8(2) & 0x7f, 2);
      return reply;
    },
    'three bytes': () => Buffer.from([1, 2, 3]),
    'cut in the middle of a record': ({ packet }) => replyTo(packet, good).subarray(0, -5),
    'counts that are lies': ({ packet }) => {
      const reply = replyTo(packet, good);
      reply.writeUInt16BE(65_535, 6);
      return reply;
    },
    'a name that points at itself': ({ packet }) => {
      const reply = replyTo(packet, good);
      // The name of the first answer, behind the header and the question.
      reply.writeUInt16BE(0xc000 | (12 + 'sip.example'.length + 2 + 4), 12 + 'sip.example'.length + 2 + 4);
      return reply;
    },
  };
  for (const [what, forge] of Object.entries(forgeries)) {
    it(`waits on after ${what}`, async () => {
      const { resolver, wire } = setup();
      wire.onQuestion = (question) => {
        question.listener.onMessage(forge(question));
        assert.equal(question.isClosed, false);
        question.listener.onMessage(replyTo(question.packet, good));
      };
      assert.deepEqual(await resolver.a('sip.example'), isGood);
      assert.equal(wire.questions.length, 1);
    });
  }

  it('asks again over TCP when the answer was cut short, also within a record', async () => {
    const { wire, resolver, answer } = setup();
    answer(({ protocol, packet }) =>
      protocol === 'tcp' ? good : replyTo(packet, { ...good, isTruncated: true }).subarray(0, -3),
    );
    assert.deepEqual(await resolver.a('sip.example'), isGood);
    assert.deepEqual(
      wire.questions.map(({ protocol, server }) => `${protocol} ${server.address}`),
      ['udp 192.0.2.1', 'tcp 192.0.2.1'],
    );
  });

  it('turns to the next server after SERVFAIL and after an error, and does not come back to it', async () => {
    const { wire, resolver, answer } = setup();
    answer(({ server }) => (server === first ? { code: 2 } : good));
    assert.deepEqual(await resolver.a('sip.example'), isGood);
    wire.onQuestion = ({ listener }) => listener.onError(new Error('ECONNREFUSED'));
    assert.deepEqual(await resolver.a('sip.example'), { kind: 'failed', reason: 'ECONNREFUSED', ttlS: 5 });
    assert.equal(wire.questions.length, 4);
  });

  it('asks silent servers twice, in turn, and then gives up', async () => {
    const { wire, clock, resolver } = setup();
    const asked = resolver.a('sip.example');
    await clock.advance(7_999);
    assert.equal(wire.questions.length, 4);
    await clock.advance(1);
    assert.deepEqual(await asked, { kind: 'failed', reason: 'no DNS server answered', ttlS: 5 });
    assert.deepEqual(
      wire.questions.map(({ server, isClosed }) => [server.address, isClosed]),
      ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2'].map((address) => [address, true]),
    );
    assert.equal(clock.pendingTimers, 0);
  });

  it('does without EDNS where a server does not know it', async () => {
    const { wire, resolver, answer } = setup();
    answer(({ packet }) => ((packet.additionals ?? []).length > 0 ? { code: 1 } : good));
    assert.deepEqual(await resolver.a('sip.example'), isGood);
    assert.equal(wire.questions.length, 2);
  });

  it('believes that a name is unknown, for as long as the zone says', async () => {
    const { resolver, answer } = setup();
    answer(() => ({ code: 3, authorities: [soaRecord('example', 900, 30)] }));
    assert.deepEqual(await resolver.a('sip.example'), { kind: 'none', isNameKnown: false, ttlS: 30 });
    answer(() => ({ authorities: [soaRecord('example', 20, 300)] }));
    assert.deepEqual(await resolver.a('sip.example'), { kind: 'none', isNameKnown: true, ttlS: 20 });
    answer(() => ({}));
    assert.deepEqual(await resolver.a('sip.example'), { kind: 'none', isNameKnown: true, ttlS: 5 });
  });

  it('follows aliases, within an answer and beyond it, with the shortest lifetime', async () => {
    const { wire, resolver, answer } = setup();
    answer(() => ({ answers: [aliasRecord('sip.example', 'b.example', 40), aRecord('b.example', '10.0.0.1', 60)] }));
    assert.deepEqual(await resolver.a('sip.example'), { ...isGood, ttlS: 40 });
    answer(({ packet }) =>
      packet.questions?.[0]?.name === 'sip.example'
        ? { answers: [aliasRecord('sip.example', 'c.example', 50)] }
        : { answers: [aRecord('c.example', '10.0.0.1', 60)] },
    );
    assert.deepEqual(await resolver.a('sip.example'), { ...isGood, ttlS: 50 });
    assert.equal(wire.questions.length, 3);
  });

  it('stops at loops of aliases', async () => {
    const { wire, resolver, answer } = setup([first]);
    answer(() => ({ answers: [aliasRecord('a.example', 'b.example'), aliasRecord('b.example', 'a.example')] }));
    assert.equal((await resolver.a('a.example')).kind, 'failed');
    answer(({ packet }) => {
      const name = packet.questions?.[0]?.name ?? '';
      return { answers: [aliasRecord(name, `x${name}`)] };
    });
    assert.deepEqual(await resolver.a('a.example'), { kind: 'failed', reason: 'a loop of aliases', ttlS: 5 });
    assert.equal(wire.questions.length, 10);
  });

  it('does not repeat what a server gave for a name', async () => {
    const { resolver, answer } = setup();
    answer(() => ({ answers: [aliasRecord('sip.example', 'x\u0000\r\ny.example')] }));
    assert.deepEqual(await resolver.a('sip.example'), {
      kind: 'failed',
      reason: 'it is an alias of what is no name',
      ttlS: 5,
    });
  });

  it('believes no records of names that were not asked for', async () => {
    const { resolver, answer } = setup();
    answer(() => ({ answers: [aRecord('bank.example', '10.6.6.6'), aRecord('sip.example', '10.0.0.1', 60)] }));
    assert.deepEqual(await resolver.a('sip.example'), isGood);
  });

  it('asks nobody for what is no name', async () => {
    const { wire, resolver } = setup();
    for (const name of ['', 'a..b', `${'a'.repeat(64)}.example`, 'a b', `${'a.'.repeat(130)}a`]) {
      assert.equal((await resolver.a(name)).kind, 'failed', name);
    }
    assert.equal((await setup([]).resolver.a('sip.example')).kind, 'failed');
    assert.equal(wire.questions.length, 0);
  });
});
