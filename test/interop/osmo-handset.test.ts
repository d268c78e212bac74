import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { encodeGsm7, packGsm7 } from '../../src/sms/smpp/gsm7.ts';
import { type OsmoNetwork, startOsmoNetwork } from '../support/osmo-network.ts';
import { openSmppSender, type SmppSender } from '../support/smpp-sender.ts';
import { until } from '../support/until.ts';

const number = '4915199';

describe('a handset behind osmo-msc', () => {
  let network: OsmoNetwork;
  let sender: SmppSender;
  before(async () => {
    network = await startOsmoNetwork({ carillon: 'secret' }, number);
    sender = openSmppSender({ host: network.msc.host, port: network.msc.port });
    await sender.untilUp();
  });
  after(async () => {
    await sender?.close();
    await network?.stop();
  });

  /** Sends, and waits until all its parts are on the handset, each with its receipt. */
  async function deliver(text: string, parts: number) {
    const before = { received: network.handset.received.length, receipts: sender.receipts.length };
    const results = await sender.sendAll([{ messageId: '1', to: number, from: 'Carillon', text }]);
    assert.equal(results.get(number)?.type, 'accepted');
    await until(() => sender.receipts.length >= before.receipts + parts, {
      what: 'the receipts',
      timeoutMs: 20_000,
      everyMs: 20,
      detail: () => network.msc.output().slice(-3000),
    });
    assert.equal(network.handset.received.length, before.received + parts);
    return {
      received: network.handset.received.slice(before.received),
      receipts: sender.receipts.slice(before.receipts),
    };
  }

  test('SMPP: a message arrives on the handset as it was sent, and its receipt comes back', async () => {
    const text = 'Grüße: {€} @ 5';
    const { received, receipts } = await deliver(text, 1);
    const expected = { dataCoding: 0, hasHeader: false, length: 17, userData: packGsm7(encodeGsm7(text), 0) };
    assert.deepEqual(received, [expected]);
    const [receipt] = receipts;
    // It names receipts otherwise than the answers that they belong to.
    assert.match(receipt?.providerId ?? '', /^\d{8}$/);
    assert.deepEqual({ ...receipt, providerId: '' }, { providerId: '', state: 'delivered', doneAt: null, code: null });
  });

  test('SMPP: a long text arrives on the handset in parts that make it again, each with its receipt', async () => {
    const text = `${'您的验证码是一二三四，'.repeat(13)}😀`;
    const { received } = await deliver(text, 3);
    const inOrder = received.toSorted((a, b) => (a.userData[5] ?? 0) - (b.userData[5] ?? 0));
    assert.ok(inOrder.every(({ dataCoding, hasHeader }) => dataCoding === 8 && hasHeader));
    const whole = Buffer.concat(inOrder.map(({ userData }) => userData.subarray(6)));
    assert.equal(whole.swap16().toString('utf16le'), text);
  });

  test('SMPP: a part in the GSM alphabet is on the air as we would have packed it', async () => {
    const text = 'x{1} '.repeat(50);
    const { received } = await deliver(text, 3);
    const [first] = received.toSorted((a, b) => (a.userData[5] ?? 0) - (b.userData[5] ?? 0));
    const septets = encodeGsm7(text);
    assert.deepEqual(first?.userData.subarray(6), packGsm7(septets.subarray(0, 153), 6));
  });
});
