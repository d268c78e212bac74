import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { after, before, test } from 'node:test';
import { adminToken, openTestApi, type TestApi } from '../support/api-server.ts';

/** What is sent to an open port, over real sockets: how much of it is read, and what comes back. */
let api: TestApi;
let port: number;
before(async () => {
  api = await openTestApi();
  port = Number(new URL(await api.listen()).port);
});
after(() => api.close());

const mebibyte = 1024 * 1024;
const right = { authorization: `Bearer ${adminToken}` };

/** Sends a body without a length, a mebibyte at a time, until it is answered or `mostMiB` are sent. Fails where the connection breaks before the answer. */
async function stream(options: RequestOptions, mostMiB: number): Promise<{ status: number; sentMiB: number }> {
  const request = httpRequest({ host: '127.0.0.1', port, ...options });
  let answer: IncomingMessage | null = null;
  request.on('response', (response) => {
    answer = response;
    response.resume();
  });
  const errors: Error[] = [];
  request.on('error', (error) => errors.push(error));
  const over = Promise.race([once(request, 'response'), once(request, 'close')]);
  const chunk = Buffer.alloc(mebibyte, 'x');
  let sentMiB = 0;
  while (sentMiB < mostMiB && answer === null && !request.destroyed) {
    if (!request.write(chunk)) await Promise.race([once(request, 'drain'), over]);
    sentMiB += 1;
  }
  if (answer === null) {
    request.end();
    await once(request, 'response');
  }
  assert.deepEqual(errors, [], 'the sender was hung up on');
  request.destroy();
  const status = (answer as IncomingMessage | null)?.statusCode ?? 0;
  return { status, sentMiB };
}

async function statusOf(path: string, headers: Record<string, string | string[]> = {}): Promise<number | undefined> {
  const request = httpRequest({ host: '127.0.0.1', port, path, headers });
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('headers without end are refused, many and large ones alike', async () => {
  assert.equal(await statusOf('/admin/v1/processes', { ...right, 'x-large': 'a'.repeat(20_000) }), 431);
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`x-${index}`, 'a']));
  assert.equal(await statusOf('/v3/getBalance', many), 431);
  assert.equal(await statusOf('/admin/v1/processes', right), 200);
});

test('a file of rates without end is refused as soon as it is larger than the largest may be', async () => {
  const csv = { method: 'PUT', path: '/admin/v1/rate-tables/1/rates' };
  const { status, sentMiB } = await stream({ ...csv, headers: { ...right, 'content-type': 'text/csv' } }, 1024);
  assert.equal(status, 413);
  assert.ok(sentMiB > 64 && sentMiB < 512, `${sentMiB} MiB were sent`);
});

test('who is not let in is answered before the body is read', async () => {
  const csv = { method: 'PUT', path: '/admin/v1/rate-tables/1/rates', headers: { 'content-type': 'text/csv' } };
  const { status, sentMiB } = await stream(csv, 1024);
  assert.equal(status, 401);
  assert.ok(sentMiB < 64, `${sentMiB} MiB were sent`);
});

test('ids are no paths', async () => {
  const forged = '?expires=9999999999999&signature=AAAA';
  const paths: readonly [path: string, status: number][] = [
    [`/recordings/..%2f..%2f..%2fetc%2fpasswd${forged}`, 403],
    [`/recordings/%2e%2e%2fadmin-token${forged}`, 403],
    [`/recordings/2611265000001000001.wav%00${forged}`, 403],
    ['/recordings/../../etc/passwd', 404],
    ['/../../etc/passwd', 404],
    ['/admin/v1/voice-files/..%2f..%2fadmin-token', 404],
    ['/admin/v1/reports/..%2f..%2fadmin-token', 404],
    ['/admin/v1/sms-messages/..%2f..%2fadmin-token', 404],
  ];
  for (const [path, status] of paths) assert.equal(await statusOf(path, right), status, path);
});
