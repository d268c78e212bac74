import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type ExampleReceiver, exampleLanguages, receiverUrl, startReceiver } from '../support/example-programs.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const secret = 'a report secret';

const report = (voiceId: string, callStatus: number) => ({
  voiceId,
  type: 1,
  callee: '8613900000001',
  callStatus,
  terminationReason: '成功',
  // The variables of a template come as JSON inside of JSON.
  calledInfo: '{"text1":"To\\"m","voiceId":"{"}',
});

function signature(body: string, timestampS: number, key = secret): string {
  return createHmac('sha256', key).update(`${timestampS}.${body}`).digest('hex');
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}

function signedNow(body: string): string {
  const time = nowS();
  return `t=${time},v1=${signature(body, time)}`;
}

/** A receiver that was given no secret; null: it does not begin, and says what is missing. */
async function startOpen(command: string, file: string): Promise<{ receiver: ExampleReceiver; url: string } | null> {
  const port = await freePort();
  try {
    return { receiver: await startReceiver(command, file, { port, secret: '' }), url: receiverUrl(port) };
  } catch (error) {
    assert.match(String(error), /set REPORT_SECRET/);
    return null;
  }
}

for (const { language, command, receiver: file } of exampleLanguages) {
  if (file === null) continue;
  describe(`the receiver in ${language}`, () => {
    let receiver: ExampleReceiver;
    let url: string;
    before(async () => {
      const port = await freePort();
      url = receiverUrl(port);
      receiver = await startReceiver(command, file, { port, secret });
    });
    after(() => receiver?.stop());

    const post = async (body: string, header: string, to = url): Promise<number> => {
      const headers = { 'Content-Type': 'application/json;charset=UTF-8', 'Carillon-Signature': header };
      const response = await fetch(to, { method: 'POST', headers, body });
      await response.arrayBuffer();
      return response.status;
    };

    test('shows a signed report, and each of a batch', async () => {
      const one = JSON.stringify(report('1', 50));
      assert.equal(await post(one, signedNow(one)), 200);
      const batch = JSON.stringify([report('2', 10), report('3', 60)]);
      const time = nowS();
      const header = `t=${time},v1=${signature(batch, time, 'the old secret')},v1=${signature(batch, time)}`;
      assert.equal(await post(batch, header), 200);
      await until(() => receiver.shown().length === 3, { what: 'three reports', timeoutMs: 10_000 });
      assert.deepEqual(receiver.shown(), [
        'report 1 8613900000001 callStatus 50',
        'report 2 8613900000001 callStatus 10',
        'report 3 8613900000001 callStatus 60',
      ]);
    });

    test('believes nobody where no secret is set: whoever knows that could sign', async () => {
      const body = JSON.stringify(report('forged', 50));
      const time = nowS();
      const forged = `t=${time},v1=${signature(body, time, '')}`;
      const open = await startOpen(command, file);
      if (open === null) return;
      try {
        assert.notEqual(await post(body, forged, open.url), 200);
        assert.deepEqual(open.receiver.shown(), []);
      } finally {
        await open.receiver.stop();
      }
    });

    test('believes nothing that is not signed, or signed long ago', async () => {
      const body = JSON.stringify(report('not to be believed', 50));
      const time = nowS();
      const headers = [
        '',
        'nonsense',
        `t=${time}`,
        `t=${time},v1=${signature(body, time, 'another secret')}`,
        `t=${time},v1=${signature(`${body} `, time)}`,
        `t=${time + 1},v1=${signature(body, time)}`,
        `t=${time - 400},v1=${signature(body, time - 400)}`,
      ];
      for (const header of headers) assert.equal(await post(body, header), 400, header);
      const last = JSON.stringify(report('last', 50));
      assert.equal(await post(last, signedNow(last)), 200);
      await until(() => receiver.shown().some((line) => line.startsWith('report last ')), {
        what: 'the last report',
        timeoutMs: 10_000,
      });
      assert.doesNotMatch(receiver.shown().join(), /not to be believed/);
    });
  });
}
