import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writePcap } from '../../src/domain/trace/pcap.ts';
import { type Carillon, startCarillon } from '../support/carillon.ts';
import { at, type Json, listAt, numberAt, textAt } from '../support/json.ts';
import { messageEvent, sampleTrace } from '../support/sample-trace.ts';
import { type Sipp, startSippServer } from '../support/sipp.ts';
import { sendTask, uploadVoice, waitForTask } from '../support/task-client.ts';
import { dissect } from '../support/tshark.ts';
import { until } from '../support/until.ts';

/** Rule, call over SIPp, trace: by the admin API alone. */
describe('a traced call', { timeout: 300_000 }, () => {
  let carillon: Carillon;
  let voiceFileId: string;
  const sipps: Sipp[] = [];
  const made: string[] = [];
  let count = 0;

  before(async () => {
    carillon = await startCarillon();
    voiceFileId = await uploadVoice(carillon, 'traced.wav');
  });
  afterEach(async () => {
    for (const path of made.splice(0)) await carillon.admin('DELETE', path);
    for (const sipp of sipps.splice(0)) await sipp.stop();
  });
  after(() => carillon?.stop());

  async function carrier(scenario: string, settings: { readonly [key: string]: Json } = {}): Promise<number> {
    const file = fileURLToPath(new URL(`./carrier/${scenario}.xml`, import.meta.url));
    const sipp = await startSippServer({ scenario: file, calls: 10 });
    sipps.push(sipp);
    const trunkId = await carillon.addTrunk(sipp.port, {
      name: `${scenario} ${sipp.port}`,
      optionsIntervalS: 0,
      ...settings,
    });
    made.push(`/trunks/${trunkId}`);
    return trunkId;
  }

  async function rule(conditions: { readonly [key: string]: Json }): Promise<number> {
    const traceRuleId = numberAt(await carillon.admin('POST', '/trace-rules', conditions), 'traceRuleId');
    made.unshift(`/trace-rules/${traceRuleId}`);
    return traceRuleId;
  }

  /** Calls the numbers one after the other, and waits for the last to end. */
  async function call(numberList: string[]): Promise<number> {
    const taskId = await sendTask(carillon, { taskName: `traced ${++count}`, voiceFileId, numberList, maxCalls: 6 });
    await waitForTask(carillon, taskId, 2, 60_000);
    return taskId;
  }

  async function read(path: string): Promise<Response> {
    return fetch(`${carillon.baseUrl}/admin/v1${path}`, {
      headers: { authorization: `Bearer ${carillon.adminToken}` },
    });
  }

  async function traceOf(taskId: number, seq: number): Promise<Json> {
    const path = `/tasks/${taskId}/calls/${seq}`;
    const isWritten = async (): Promise<boolean> => at(await carillon.admin('GET', path), 'hasTrace') === true;
    await until(isWritten, { what: 'the trace to be written', timeoutMs: 20_000, detail: () => carillon.log() });
    return carillon.admin('GET', `${path}/trace`);
  }

  const summaries = (trace: Json): string[] =>
    listAt(trace, 'events').flatMap((event) =>
      at(event, 'type') === 'message' && at(event, 'isAgain') === false
        ? [`${textAt(event, 'direction')} ${textAt(event, 'summary')}`]
        : [],
    );

  test('by number: everything that was said, no secret, and nothing of other calls', async () => {
    await carrier('uas-challenge-401', { username: 'carillon', password: 's3cret trunk' });
    await rule({ number: '8613800000002' });
    const taskId = await call(['8613800000001', '8613800000002']);
    const trace = await traceOf(taskId, 2);
    assert.deepEqual(summaries(trace), [
      'sent INVITE',
      'received 401 Unauthorized',
      'sent ACK',
      'sent INVITE',
      'received 100 Trying',
      'received 180 Ringing',
      'received 200 OK',
      'sent ACK',
      'sent BYE',
      'received 200 OK (BYE)',
    ]);
    const text = JSON.stringify(trace);
    assert.match(text, /Authorization: Digest username=\\"carillon\\".*response=\\"\*{8}\\"/);
    assert.doesNotMatch(text, /s3cret|response=\\"[0-9a-f]/);
    assert.doesNotMatch(text, /8613800000001/);
    assert.equal((await read(`/tasks/${taskId}/calls/1/trace`)).status, 404);

    const ladder = await (await read(`/tasks/${taskId}/calls/2/trace.txt`)).text();
    assert.match(ladder, /^ +0\.000000 {3}\|-+ INVITE -+>\|$/m);
    assert.match(ladder, /\|<-+ 401 Unauthorized -+\|/);
    assert.match(ladder, /\* media: PCM[AU] with 127\.0\.0\.1 port \d+/);
    assert.match(ladder, /\* call: ended with status 50, code 0: answered/);

    const capture = Buffer.from(await (await read(`/tasks/${taskId}/calls/2/trace.pcap`)).arrayBuffer());
    const packets = await dissect(capture);
    const messages = listAt(trace, 'events').filter((event) => at(event, 'type') === 'message');
    assert.equal(packets.length, messages.length);
    assert.deepEqual(
      packets
        .filter((_, index) => at(messages[index] ?? null, 'isAgain') === false)
        .map((packet) => packet.requestLine.split(' ')[0] || packet.statusLine.split(' ')[1]),
      ['INVITE', '401', 'ACK', 'INVITE', '100', '180', '200', 'ACK', 'BYE', '200'],
    );
    assert.ok(packets.every((packet) => packet.isSound));
  });

  test('over two trunks: both attempts in one ladder, from the trunk that the rule names on', async () => {
    const refusing = await carrier('uas-service-unavailable', { priority: 1 });
    const answering = await carrier('uas-answer', { priority: 2 });
    const byFirst = await rule({ trunkId: refusing, maxCalls: 1 });
    const first = await call(['8613800000003']);
    assert.deepEqual(summaries(await traceOf(first, 1)).slice(0, 5), [
      'sent INVITE',
      'received 100 Trying',
      'received 503 Service Unavailable',
      'sent ACK',
      'sent INVITE',
    ]);
    const ladder = await (await read(`/tasks/${first}/calls/1/trace.txt`)).text();
    assert.match(
      ladder,
      /attempt 1: trunk \d+ \(uas-service-unavailable.*the attempt ended: rejected \(Service.*attempt 2: trunk \d+ \(uas-answer/s,
    );
    const { tracedCalls, isActive } = Object(await carillon.admin('GET', `/trace-rules/${byFirst}`));
    assert.deepEqual([tracedCalls, isActive], [1, false]);

    await rule({ trunkId: answering });
    const second = await call(['8613800000004']);
    assert.equal(summaries(await traceOf(second, 1))[1], 'received 100 Trying', 'the first attempt is not in it');
  });

  test('whose process died has no trace, and the record says what happened', async () => {
    await carrier('uas-expect-cancel');
    await rule({ number: '8613800000005' });
    const numberList = ['8613800000005'];
    const taskId = await sendTask(carillon, {
      taskName: `traced ${++count}`,
      voiceFileId,
      numberList,
      maxRingingTime: 60,
    });
    const path = `/tasks/${taskId}/calls/1`;
    const state = async (): Promise<Json> =>
      (await read(path)).ok ? at(await carillon.admin('GET', path), 'state') : null;
    await until(async () => (await state()) === 'ringing', { what: 'ringing', timeoutMs: 20_000 });
    process.kill(await carillon.pidOf('dialer'), 'SIGKILL');
    await until(async () => (await state()) === 'ended', { what: 'the end', timeoutMs: 60_000 });
    assert.equal(at(await carillon.admin('GET', path), 'outcomeClass'), 'indeterminate');
    const answer = await read(`${path}/trace`);
    assert.equal(answer.status, 404);
    assert.match(await answer.text(), /noTrace.*if that died, there is none|if that died, there is none.*noTrace/);
  });
});

test('Wireshark reads every transport and family as SIP, with right checksums', async () => {
  const v6 = { local: { address: '2001:db8::1', port: 5061 }, remote: { address: '2001:db8::2', port: 45_123 } };
  const [first] = sampleTrace().events.filter((event) => event.type === 'message');
  assert.ok(first);
  const kinds = (['udp', 'tcp', 'tls'] as const).flatMap((transport) => [{ transport }, { transport, ...v6 }]);
  for (const kind of kinds) {
    const trace = sampleTrace({ events: [messageEvent({ ...first, ...kind })] });
    const [packet] = await dissect(writePcap(trace));
    assert.match(packet?.requestLine ?? '', /^INVITE sip:8613800000001@/, JSON.stringify(kind));
    assert.ok(packet?.isSound);
  }
});
