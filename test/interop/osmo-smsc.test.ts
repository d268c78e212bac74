import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { encodeGsm7, packGsm7 } from '../../src/sms/smpp/gsm7.ts';
import type { OutgoingSms } from '../../src/sms/sms-transport.ts';
import { type OsmoMsc, type StoredSms, startOsmoMsc } from '../support/osmo-msc.ts';
import { openSmppSender, type SmppSender, type SmppSenderOptions } from '../support/smpp-sender.ts';
import { until } from '../support/until.ts';

/** All messages of its SMSC have this one name. */
const onlyName = 'msg_id_not_implemented';

function message(to: string, text: string, from: string | null = 'Carillon'): OutgoingSms {
  return { messageId: '1', to, from, text };
}

describe('osmo-msc as the carrier', () => {
  let osmo: OsmoMsc;
  let sender: SmppSender | null = null;
  before(async () => {
    osmo = await startOsmoMsc({ carillon: 'secret' });
  });
  after(() => osmo?.stop());
  afterEach(async () => {
    await sender?.close();
    sender = null;
  });

  function open(settings: Partial<SmppSenderOptions> = {}): SmppSender {
    sender = openSmppSender({ host: osmo.host, port: osmo.port, ...settings });
    return sender;
  }

  const storedFor = (to: string): StoredSms[] => osmo.stored().filter(({ destination }) => destination.address === to);

  test('SMPP: a message is stored as it was sent, with its sender and the wish for a receipt', async () => {
    const own = open();
    await own.untilUp();
    const results = await own.sendAll([message('491511', 'Grüße: {€}')]);
    assert.deepEqual(results.get('491511'), { type: 'accepted', providerIds: [onlyName] });
    assert.deepEqual(storedFor('491511'), [
      {
        source: { ton: 5, npi: 0, address: 'Carillon' },
        destination: { ton: 1, npi: 1, address: '491511' },
        dataCoding: 0,
        hasHeader: false,
        wantsReceipt: true,
        userData: packGsm7(encodeGsm7('Grüße: {€}'), 0),
        length: 13,
      },
    ]);
  });

  test('SMPP: a long text in the GSM alphabet is stored in parts that make it again', async () => {
    const own = open();
    await own.untilUp();
    const text = 'Der Zähler {42} kostet 7 €. '.repeat(12);
    const result = (await own.sendAll([message('491512', text, '12345')])).get('491512');
    const parts = storedFor('491512');
    assert.ok(result?.type === 'accepted' && result.providerIds.length === parts.length);
    assert.deepEqual(
      parts.map(({ userData }) => [...userData.subarray(0, 3), ...userData.subarray(4, 6)]),
      parts.map((_, index) => [5, 0, 3, parts.length, index + 1]),
    );
    assert.equal(new Set(parts.map(({ userData }) => userData[3])).size, 1);
    assert.equal(parts.map(unpackBehindHeader).join(''), text);
    assert.deepEqual(parts[0]?.source, { ton: 3, npi: 0, address: '12345' });
  });

  test('SMPP: a long text in UCS-2 is stored octet for octet', async () => {
    const own = open();
    await own.untilUp();
    const text = `${'您的验证码是一二三四，'.repeat(9)}😀`;
    await own.sendAll([message('491513', text, '+8613800138000')]);
    const parts = storedFor('491513');
    assert.ok(parts.length > 1 && parts.every(({ dataCoding, hasHeader }) => dataCoding === 8 && hasHeader));
    const whole = Buffer.concat(parts.map(({ userData }) => userData.subarray(6)));
    assert.equal(whole.swap16().toString('utf16le'), text);
    assert.deepEqual(parts[0]?.source, { ton: 1, npi: 1, address: '8613800138000' });
  });

  test('SMPP: a text that it does not take is refused with its own status', async () => {
    const own = open();
    await own.untilUp();
    const result = (await own.sendAll([message('491514', '')])).get('491514');
    assert.ok(result?.type === 'refused' && result.isFinal, JSON.stringify(result));
    assert.match(result.code ?? '', /^0x000000[0-9a-f]{2}$/);
    assert.deepEqual(storedFor('491514'), []);
  });

  test('SMPP: a wrong password is refused', async () => {
    const own = open({ password: 'wrong' });
    await until(() => own.transport.state.state === 'down', { what: 'a refusal', timeoutMs: 5000, everyMs: 20 });
    assert.equal(own.transport.state.reason, 'the bind was refused: ESME_RINVPASWD, wrong password');
  });

  test('SMPP: a transmitter and a receiver are bound beside each other', async () => {
    const own = open({ bindMode: 'pair' });
    await osmo.waitForOutput(/Rx BIND Rx from \(Version 34\)/, 5000);
    await own.untilUp();
    const results = await own.sendAll([message('491515', 'over the transmitter')]);
    assert.equal(results.get('491515')?.type, 'accepted');
  });

  test('SMPP: enquire_link is answered, and an unbind in peace', async () => {
    const own = open({ enquireLinkS: 1 });
    await own.untilUp();
    await osmo.waitForOutput(/Tx Enquire Link Response/, 10_000);
    assert.equal(own.transport.state.state, 'up');
    await own.close();
    await osmo.waitForOutput(/Rx UNBIND/, 5000);
  });

  test('SMPP: killed among a thousand messages and started again, it has each accepted one, and none twice', async () => {
    const own = open({ responseTimeoutS: 5 });
    await own.untilUp();
    const numbers = Array.from({ length: 1000 }, (_, index) => `4917${String(index).padStart(4, '0')}`);
    const sending = own.sendAll(numbers.map((to) => message(to, `hello ${to}`)));
    await until(() => osmo.stored().length > 300, { what: 'the first messages', timeoutMs: 20_000, everyMs: 5 });
    await osmo.kill();
    await osmo.restart();
    const results = await sending;
    const times = Map.groupBy(osmo.stored(), ({ destination }) => destination.address);
    const unknown = numbers.filter((to) => results.get(to)?.type === 'unknown');
    assert.ok(unknown.length <= 10, 'no more than the window');
    for (const to of numbers) {
      const count = times.get(to)?.length ?? 0;
      assert.ok(results.get(to)?.type === 'unknown' ? count <= 1 : count === 1, `${to}: ${count}`);
    }
  });
});

/** The septets behind a header of six octets, as text of the characters that the test uses. */
function unpackBehindHeader({ userData, length }: StoredSms): string {
  const bits = [...userData].map((octet) => octet.toString(2).padStart(8, '0').split('').reverse().join('')).join('');
  const septets = Array.from({ length: length - 7 }, (_, index) => {
    const at = 49 + index * 7;
    return Number.parseInt(
      bits
        .slice(at, at + 7)
        .split('')
        .reverse()
        .join(''),
      2,
    );
  });
  const plain = new Map([...'Der Zähler42kostt7.'].map((char) => [encodeGsm7(char)[0], char]));
  const extended = new Map([...'{}€'].map((char) => [encodeGsm7(char)[1], char]));
  return septets
    .map((septet, index) => {
      if (septet === 0x1b) return '';
      return (septets[index - 1] === 0x1b ? extended : plain).get(septet) ?? '?';
    })
    .join('');
}
