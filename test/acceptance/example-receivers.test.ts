import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../support/child.ts';
import { freeServerPort } from '../support/free-port.ts';
import { until } from '../support/until.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const secret = 'a report secret';

/** How each example is started. */
const programs: readonly (readonly [language: string, command: string, file: string])[] = [
  ['Python', 'python3', 'python/receive_reports.py'],
  ['PHP', 'php', 'php/receive-reports.php'],
  ['Java', 'java', 'java/ReceiveReports.java'],
  ['TypeScript', process.execPath, 'typescript/receive-reports.ts'],
];

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

for (const [language, command, file] of programs) {
  describe(`the receiver in ${language}`, () => {
    let child: Child;
    let url: string;
    before(async () => {
      const port = await freeServerPort();
      const path = join(examples, file);
      url = `http://127.0.0.1:${port}/reports`;
      child = await startChild({
        command,
        args: command === 'php' ? ['-S', `127.0.0.1:${port}`, '-t', dirname(path), path] : [path],
        env: { PORT: String(port), REPORT_SECRET: secret },
        install: 'npm test -- acceptance (as root), or apt-get install python3 php-cli default-jdk-headless',
      });
      await child.waitForOutput(/listening on|Development Server/, 60_000);
    });
    after(() => child?.stop());

    const post = async (body: string, header: string): Promise<number> => {
      const headers = { 'Content-Type': 'application/json;charset=UTF-8', 'Carillon-Signature': header };
      const response = await fetch(url, { method: 'POST', headers, body });
      await response.arrayBuffer();
      return response.status;
    };
    const shown = (): string[] => child.output().match(/^report .*$/gm) ?? [];

    test('shows a signed report, and each of a batch', async () => {
      const one = JSON.stringify(report('1', 50));
      assert.equal(await post(one, signedNow(one)), 200);
      const batch = JSON.stringify([report('2', 10), report('3', 60)]);
      const time = nowS();
      const header = `t=${time},v1=${signature(batch, time, 'the old secret')},v1=${signature(batch, time)}`;
      assert.equal(await post(batch, header), 200);
      await until(() => shown().length === 3, { what: 'three reports', timeoutMs: 10_000, detail: child.output });
      assert.deepEqual(shown(), [
        'report 1 8613900000001 callStatus 50',
        'report 2 8613900000001 callStatus 10',
        'report 3 8613900000001 callStatus 60',
      ]);
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
      await until(() => shown().some((line) => line.startsWith('report last ')), {
        what: 'the last report',
        timeoutMs: 10_000,
      });
      assert.doesNotMatch(child.output(), /not to be believed/);
    });
  });
}
