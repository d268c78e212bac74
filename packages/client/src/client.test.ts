import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { CarillonClient } from './client.ts';
import { CarillonConnectionError } from './errors.ts';

type Seen = { readonly url: string; readonly method: string; readonly body: unknown };

/** A client whose requests are noted and answered by `answer`, and beside the code by `flat`. */
function scene(
  answer: (seen: Seen) => unknown = () => null,
  baseUrl = 'http://127.0.0.1:1/v3',
  accountPath: '/v3' | '/sms' = '/v3',
  flat: () => object = () => ({ balance: '1.50', gift: '0', credit: '0', success: '2' }),
) {
  const seen: Seen[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    const request = { url: String(input), method: init?.method ?? 'GET', body };
    seen.push(request);
    return Response.json({ code: 0, msg: 'success', data: answer(request), ...flat() });
  };
  const client = new CarillonClient({ baseUrl, accountPath, apiKey: 'k', apiSecret: 's', fetch });
  return { client, seen };
}

const span = { strTime: '2026-01-01 00:00:00', endTime: '2026-01-02 00:00:00' };
const spoken = { source: 3, text: 'hello', lan: 'EN', taskName: 'first' } as const;

type Row = readonly [path: string, body: unknown, call: (client: CarillonClient) => Promise<unknown>, answer?: unknown];

const rows: readonly Row[] = [
  [
    'group/call/send',
    { ...spoken, appId: 'a', maxCalls: 9 },
    (c) => c.tasks.send({ ...spoken, appId: 'a', maxCalls: 9 }),
    7,
  ],
  ['group/call/query', { params: span }, (c) => c.tasks.query({ params: span })],
  ['group/call/detail/7', undefined, (c) => c.tasks.detail(7)],
  ['group/call/update', { ...spoken, keyId: 7 }, (c) => c.tasks.update({ ...spoken, keyId: 7 })],
  ['group/call/resend', { ...spoken, keyId: 7 }, (c) => c.tasks.resend({ ...spoken, keyId: 7 }), '8'],
  ['group/call/cancel', { taskIdList: [7] }, (c) => c.tasks.cancel([7])],
  ['group/call/provisional', { jobIdList: [7] }, (c) => c.tasks.suspend([7])],
  ['group/call/resume', { taskIdList: [7] }, (c) => c.tasks.resume([7])],
  [
    'group/call/records',
    { size: 5, params: { taskId: 7 } },
    (c) => c.tasks.records({ size: 5, params: { taskId: 7 } }),
  ],
  [
    'recallFlow/update',
    { keyId: 3, recallType: 1, recallInterval: 5, recallNum: 2 },
    (c) => c.recallFlows.update({ keyId: 3, recallType: 1, recallInterval: 5, recallNum: 2 }),
  ],
  ['recallFlow/cancel', { type: 1, id: 3 }, (c) => c.recallFlows.cancel({ type: 1, id: 3 })],
  ['recallFlow/queryPage', { params: span }, (c) => c.recallFlows.query({ params: span })],
  ['recallFlow/queryDetail', { keyId: 3 }, (c) => c.recallFlows.detail(3)],
  [
    'fileUpload',
    { fileName: 'hello.wav', file: 'UklGRv8=' },
    (c) => c.files.upload({ fileName: 'hello.wav', file: Uint8Array.of(82, 73, 70, 70, 255) }),
    'x.wav',
  ],
  [
    'fileUpload',
    { fileName: 'hello.wav', file: 'UklG' },
    (c) => c.files.upload({ fileName: 'hello.wav', file: 'UklG' }),
  ],
  ['fileQuery', { size: 10 }, (c) => c.files.query({ size: 10 })],
  ['fileDel', { fileIdList: ['x.wav'] }, (c) => c.files.delete(['x.wav'])],
  ['getRecordingFileUrl?recordingFileId=a%2Fb.wav', undefined, (c) => c.files.recordingUrl('a/b.wav')],
  [
    'sendGroup',
    { appId: 'a', callee: '8613,8614', fileId: 'x.wav' },
    (c) => c.direct.sendGroup({ appId: 'a', callee: '8613,8614', fileId: 'x.wav' }),
  ],
  [
    'sendCode',
    { appId: 'a', callee: '8613', language: 'EN', text: '1,2' },
    (c) => c.direct.sendCode({ appId: 'a', callee: '8613', language: 'EN', text: '1,2' }),
    '22',
  ],
  [
    'sendIvr',
    { appId: 'a', numberList: [{ callee: '8613', dimensionId: 2, text1: 'Tom' }] },
    (c) => c.direct.sendIvr({ appId: 'a', numberList: [{ callee: '8613', dimensionId: 2, text1: 'Tom' }] }),
  ],
  ['recordGroup/22%2F1', undefined, (c) => c.records.get('22/1')],
  ['recordGroupQuery', { params: span }, (c) => c.records.query({ params: span })],
];

for (const [path, body, call, answer = { some: 'answer' }] of rows) {
  test(`${path} is asked for as the contract says`, async () => {
    const { client, seen } = scene(() => answer);
    const result = await call(client);
    const method = body === undefined ? 'GET' : 'POST';
    assert.deepEqual(seen, [{ url: `http://127.0.0.1:1/v3/voice/${path}`, method, body }]);
    // What has nothing to tell resolves to nothing.
    if (result !== undefined) assert.deepEqual(result, answer === '8' ? 8 : answer);
  });
}

/** What Carillon alone tells. */
const vendor = { reserved: null, available: null, currency: null };

for (const baseUrl of ['https://example.com/v3', 'https://example.com/v3/', 'https://example.com']) {
  test(`the balance is below /v3 with the base URL ${baseUrl}`, async () => {
    const { client, seen } = scene(undefined, baseUrl);
    assert.deepEqual(await client.getBalance(), { balance: '1.50', gift: '0', credit: '0', ...vendor });
    assert.deepEqual(seen[0]?.url, 'https://example.com/v3/getBalance');
  });
}

test('a balance is decimal text, also where an amount comes as a number or not at all', async () => {
  const { client } = scene(undefined, undefined, undefined, () => ({ balance: 12.5, gift: null }));
  assert.deepEqual(await client.getBalance(), { balance: '12.5', gift: '0', credit: '0', ...vendor });
});

test('the balance is below /sms where that is said', async () => {
  const { client, seen } = scene(undefined, 'https://example.com', '/sms');
  await client.getBalance();
  assert.deepEqual(seen[0]?.url, 'https://example.com/sms/getBalance');
});

test('SMS are sent and asked for as the vendor says', async () => {
  const { client, seen } = scene(() => null);
  const message = { appId: 'a', numbers: '8613,8614', content: 'hello', orderId: '1,2' };
  assert.equal((await client.sms.send(message)).success, '2');
  const batch = { appId: 'a', array: [{ numbers: '8613', content: 'hello' }] };
  await client.sms.sendBatch(batch);
  await client.sms.reports({ appId: 'a', msgIds: ['21', '22'] });
  await client.sms.sent({ appId: 'a', startTime: '2026-01-01T00:00:00+08:00', endTime: '2026-01-02T00:00:00+08:00' });
  const period = 'startTime=2026-01-01T00%3A00%3A00%2B08%3A00&endTime=2026-01-02T00%3A00%3A00%2B08%3A00';
  assert.deepEqual(seen, [
    { url: 'http://127.0.0.1:1/v3/sendSms', method: 'POST', body: message },
    { url: 'http://127.0.0.1:1/v3/sendSms/batch', method: 'POST', body: batch },
    { url: 'http://127.0.0.1:1/v3/getReport?appId=a&msgIds=21%2C22', method: 'GET', body: undefined },
    { url: `http://127.0.0.1:1/v3/getSentRcd?appId=a&${period}&startIndex=0`, method: 'GET', body: undefined },
  ]);
});

test('sent SMS are asked for from where the last answer ended, until there are no more', async () => {
  const lengths = [3, 2, 0];
  const { client, seen } = scene(
    () => null,
    undefined,
    undefined,
    () => ({
      array: Array.from({ length: lengths.shift() ?? assert.fail('asked too often') }, () => ({ msgId: '21' })),
    }),
  );
  let count = 0;
  for await (const { msgId } of client.sms.eachSent({ appId: 'a', startTime: 's', endTime: 'e' }))
    count += msgId.length;
  assert.equal(count, 10);
  assert.deepEqual(
    seen.map(({ url }) => new URL(url).searchParams.get('startIndex')),
    ['0', '3', '5'],
  );
});

test('an iterator asks for pages as they are needed, and for none behind the last', async () => {
  const total = 250;
  const { client, seen } = scene(({ body }) => {
    const { current, size } = body as { current: number; size: number };
    const rest = Math.min(size, total - (current - 1) * size);
    const records = Array.from({ length: rest }, (_, index) => ({ seq: (current - 1) * size + index + 1 }));
    return { total, size, current, pages: Math.ceil(total / size), records };
  });
  const found: number[] = [];
  for await (const { seq } of client.tasks.eachRecord({ taskId: 7 })) found.push(seq);
  assert.deepEqual(
    found,
    Array.from({ length: total }, (_, index) => index + 1),
  );
  assert.deepEqual(
    seen.map(({ body }) => body),
    [1, 2, 3].map((current) => ({ current, size: 100, params: { taskId: 7 } })),
  );
  seen.length = 0;
  for await (const { seq } of client.tasks.eachRecord({ taskId: 7 })) if (seq === 20) break;
  assert.equal(seen.length, 1, 'whoever stops early asks for no more');
});

test('an iterator over nothing ends', async () => {
  const { client } = scene(() => ({ total: 0, size: 100, current: 1, pages: 0, records: [] }));
  for await (const file of client.files.each()) assert.fail(JSON.stringify(file));
});

test('a send whose answer has no id was perhaps done', async () => {
  const { client } = scene(() => null);
  await assert.rejects(client.tasks.send({ ...spoken, appId: 'a', maxCalls: 9 }), (error) => {
    assert.ok(error instanceof CarillonConnectionError);
    assert.equal(error.isOutcomeUnknown, true);
    return true;
  });
});

test('any other request is signed and answered as it is', async () => {
  const { client, seen } = scene(() => 'kept');
  const answer = await client.request('POST', '/voice/sipQuery', { current: 1 });
  assert.deepEqual([answer.code, answer.data, answer.body.msg], [0, 'kept', 'success']);
  assert.equal(seen[0]?.url, 'http://127.0.0.1:1/v3/voice/sipQuery');
});

test('what cannot be an address, a key or a secret is told at once', () => {
  const right = { baseUrl: 'https://example.com/v3', apiKey: 'k', apiSecret: 's' };
  const wrong: readonly (readonly [keyof typeof right, string])[] = [
    ['baseUrl', ''],
    ['baseUrl', '/v3'],
    ['baseUrl', 'example.com/v3'],
    ['baseUrl', 'localhost:8080'],
    ['baseUrl', 'ftp://example.com'],
    ['baseUrl', 'https://example.com/v3?key=1'],
    ['baseUrl', 'https://example.com/v3#voice'],
    ['baseUrl', 'https://user:password@example.com/v3'],
    ['apiKey', ''],
    ['apiSecret', ''],
  ];
  for (const [name, value] of wrong) {
    assert.throws(() => new CarillonClient({ ...right, [name]: value }), {
      name: 'TypeError',
      message: new RegExp(name),
    });
  }
  // As plain JavaScript has it where a variable of the environment is not set.
  for (const name of Object.keys(right)) {
    assert.throws(() => new CarillonClient({ ...right, [name]: undefined }), {
      name: 'TypeError',
      message: new RegExp(name),
    });
  }
});

test('what comes before /v3 stays', async () => {
  const { client, seen } = scene(undefined, 'https://example.com/carillon/v3/');
  await client.tasks.detail(7);
  await client.getBalance();
  assert.deepEqual(
    seen.map(({ url }) => url),
    ['https://example.com/carillon/v3/voice/group/call/detail/7', 'https://example.com/carillon/v3/getBalance'],
  );
});

test('an id that is an empty text is none', async () => {
  const { client } = scene(() => '');
  await assert.rejects(client.tasks.resend({ ...spoken, keyId: 7 }), CarillonConnectionError);
});

for (const [what, file] of [
  ['a Blob', new Blob(['RI', Uint8Array.of(70, 70, 255)])],
  ['a stream of the web', new Blob(['RI', Uint8Array.of(70, 70, 255)]).stream()],
  ['a stream of Node', Readable.from([Buffer.from('RI'), Buffer.from([70, 70, 255])])],
  ['an ArrayBuffer', Uint8Array.of(82, 73, 70, 70, 255).buffer],
] as const) {
  test(`a file is uploaded from ${what}`, async () => {
    const { client, seen } = scene(() => 'x.wav');
    await client.files.upload({ fileName: 'hello.wav', file });
    assert.deepEqual(seen[0]?.body, { fileName: 'hello.wav', file: 'UklGRv8=' });
  });
}

test('a file that cannot be read to its end is not uploaded, nor when the caller aborts meanwhile', async () => {
  const { client, seen } = scene();
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('RI');
      throw new Error('the disk is gone');
    })(),
  );
  await assert.rejects(client.files.upload({ fileName: 'hello.wav', file: broken }), /the disk is gone/);
  const abort = new AbortController();
  const endless = Readable.from(
    (async function* () {
      for (;;) {
        abort.abort(new Error('changed my mind'));
        yield Buffer.from('RI');
      }
    })(),
  );
  const upload = client.files.upload({ fileName: 'hello.wav', file: endless }, { signal: abort.signal });
  await assert.rejects(upload, /changed my mind/);
  assert.ok(endless.destroyed, 'and what was read is let go');
  assert.deepEqual(seen, []);
});
