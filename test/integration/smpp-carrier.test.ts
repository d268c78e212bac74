import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, describe, test } from 'node:test';
import type { OutgoingSms } from '../../src/sms/sms-transport.ts';
import { openSmppSender, type SmppSender, type SmppSenderOptions } from '../support/smpp-sender.ts';
import { type SmppServer, type SmppServerOptions, startSmppServer, type Treatment } from '../support/smpp-server.ts';
import { until } from '../support/until.ts';

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');

function message(to: string, text = `hello ${to}`): OutgoingSms {
  return { messageId: to, to, from: 'Carillon', text };
}

describe('SMPP with a carrier on the smpp library', () => {
  let server: SmppServer | null = null;
  let sender: SmppSender | null = null;

  async function open(
    options: SmppServerOptions,
    settings: Partial<SmppSenderOptions> = {},
  ): Promise<{ server: SmppServer; sender: SmppSender }> {
    server = await startSmppServer(options);
    sender = openSmppSender({ port: server.port, ...settings });
    return { server, sender };
  }

  afterEach(async () => {
    await sender?.close();
    await server?.stop();
    [server, sender] = [null, null];
  });

  const accept = (): Treatment => ({ answer: 'accepted', receiptsAfterMs: [5] });

  test('a message over TLS, its receipt, and an unbind', async () => {
    const tls = { key: fixture('private-key.pem'), cert: fixture('certificate.pem') };
    const own = await open({ treat: accept, tls }, { tls: { isVerified: false, caCertificates: null } });
    await own.sender.untilUp();
    const results = await own.sender.sendAll([message('49151')]);
    assert.deepEqual(results.get('49151'), { type: 'accepted', providerIds: ['msg_1'] });
    await until(() => own.sender.receipts.length === 1, { what: 'the receipt', timeoutMs: 5000, everyMs: 10 });
    await own.sender.close();
    assert.equal(own.server.received.at(-1)?.command, 'unbind');
    await until(() => own.server.sessions.size === 0, {
      what: 'the end of the connection',
      timeoutMs: 5000,
      everyMs: 10,
    });
  });

  test('a certificate that nobody we trust has signed is refused', async () => {
    const tls = { key: fixture('private-key.pem'), cert: fixture('certificate.pem') };
    const own = await open({ treat: accept, tls }, { tls: { isVerified: true, caCertificates: null } });
    await until(() => own.sender.transport.state.state === 'down', { what: 'a refusal', timeoutMs: 5000, everyMs: 10 });
    assert.match(own.sender.transport.state.reason ?? '', /certificate/);
    assert.deepEqual(own.server.received, []);
  });

  test('a wrong password', async () => {
    const own = await open({ treat: accept, password: 'another' });
    await until(() => own.sender.transport.state.state === 'down', { what: 'a refusal', timeoutMs: 5000, everyMs: 10 });
    assert.equal(own.sender.transport.state.reason, 'the bind was refused: ESME_RINVPASWD, wrong password');
  });

  for (const concatenation of ['udh', 'sar'] as const) {
    test(`long texts arrive whole, marked by ${concatenation}`, async () => {
      const own = await open({ treat: accept }, { concatenation });
      await own.sender.untilUp();
      const texts = ['{€} '.repeat(60).trim(), '您好，'.repeat(40), '😀'.repeat(50)];
      const results = await own.sender.sendAll(texts.map((text, index) => message(`49${index}`, text)));
      for (const [index, text] of texts.entries()) {
        const parts = own.server.received.filter(
          (pdu) => pdu.command === 'submit_sm' && pdu.destination_addr === `49${index}`,
        );
        assert.equal(parts.map((pdu) => pdu.short_message?.message).join(''), text);
        const result = results.get(`49${index}`);
        assert.ok(result?.type === 'accepted' && result.providerIds.length === parts.length && parts.length > 1);
      }
    });
  }

  test('10,000 messages through everything that a carrier can do: none lost, none sent twice', async () => {
    const count = 10_000;
    const own = await open({ treat: treatBadly }, { window: 25, binds: 2, responseTimeoutS: 5 });
    await own.sender.untilUp();
    const numbers = Array.from({ length: count }, (_, index) => `4915${String(index).padStart(6, '0')}`);
    // Every twentieth is long.
    const messages = numbers.map((to, index) => message(to, index % 20 === 7 ? `${to} ${'x'.repeat(200)}` : to));
    const results = await own.sender.sendAll(messages);

    const twice = [...own.server.taken].filter(([, times]) => times !== 1);
    assert.deepEqual(twice, []);
    const ends = Map.groupBy(numbers, (to) => results.get(to)?.type ?? 'lost');
    assert.deepEqual([...ends.keys()].sort(), ['accepted', 'unknown']);
    const unknown = ends.get('unknown') ?? [];
    assert.ok(unknown.length > 0 && unknown.length < 600, `${unknown.length} unknown`);
    for (const [index, to] of numbers.entries()) {
      const parts = index % 20 === 7 ? 2 : 1;
      const taken = Array.from({ length: parts }, (_, part) => own.server.taken.get(`${to}/${part + 1}`) ?? 0);
      if (results.get(to)?.type === 'accepted')
        assert.ok(
          taken.every((times) => times === 1),
          to,
        );
    }

    await until(() => own.server.receiptsOpen === 0, {
      what: 'the last receipt',
      timeoutMs: 30_000,
      detail: () => `${own.server.receiptsOpen} open`,
    });
    const arrived = new Set(own.sender.receipts.map((receipt) => receipt.providerId));
    const accepted = [...results.values()].flatMap((result) => (result.type === 'accepted' ? result.providerIds : []));
    assert.deepEqual(
      accepted.filter((providerId) => !arrived.has(providerId)),
      [],
    );
    assert.ok(own.sender.receipts.length > accepted.length, 'some came twice');
  });
});

/** What is done once, by the number of the message that it happens to. */
const incidents: Readonly<Record<number, Treatment>> = {
  600: { answer: 0x58 },
  1200: { answer: 'silence', receiptsAfterMs: [2000], disturbance: 'destroy' },
  2400: { answer: 'accepted', receiptsAfterMs: [10], disturbance: 'unbind' },
  3600: { answer: 0x14 },
  4800: { answer: 'accepted', answerAfterMs: 50, receiptsAfterMs: [10], disturbance: 'garbage' },
  6000: { answer: 'silence', receiptsAfterMs: [10] },
  7200: { answer: 'accepted', answerAfterMs: 5, receiptsAfterMs: [0], disturbance: 'destroy' },
  8400: { answer: 'accepted', answerAfterMs: 5, receiptsAfterMs: [0], disturbance: 'unbind' },
};

function treatBadly({ to, place, time }: { to: string; place: number; time: number }): Treatment {
  const index = Number(to.slice(4));
  const incident = incidents[index];
  if (incident !== undefined && time === 1 && place === 1) return incident;
  switch (index % 10) {
    case 1:
      // The receipt is first.
      return { answer: 'accepted', answerAfterMs: 10, receiptsAfterMs: [0] };
    case 2:
      return { answer: 'accepted', receiptsAfterMs: [20, 40] };
    case 3:
      // Answered after those that came later.
      return { answer: 'accepted', answerAfterMs: 60, receiptsAfterMs: [100] };
    default:
      return { answer: 'accepted', receiptsAfterMs: [(index * 7919) % 3000] };
  }
}
