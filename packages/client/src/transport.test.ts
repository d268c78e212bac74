import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { CarillonConnectionError, CarillonError, CarillonTimeoutError } from './errors.ts';
import { Transport, type TransportSettings } from './transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that notes what comes, and a transport that notes the pauses it would have made. */
async function scene(handle: Handler, settings: Partial<TransportSettings> = {}) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response, requests.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/x`;
  const pauses: number[] = [];
  const transport = new Transport({
    apiKey: 'bDqJFiq9',
    apiSecret: '7bz1lzh9',
    fetch: globalThis.fetch,
    timeoutMs: 10_000,
    readRetries: 2,
    now: () => 1_630_468_800_999,
    random: () => 0.5,
    delay: async (ms, signal) => {
      signal?.throwIfAborted();
      pauses.push(ms);
    },
    ...settings,
  });
  return { url, requests, pauses, transport };
}

const read = { method: 'POST', path: '/x', body: { keyId: 1 }, isRead: true } as const;
const change = { ...read, isRead: false } as const;

function answer(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

test('a request is signed as the contract says', async () => {
  const { url, requests, transport } = await scene((_request, response) => answer(response, { code: 0 }));
  await transport.call(url, read);
  const { headers } = requests[0] ?? assert.fail('no request');
  assert.deepEqual(
    [headers['api-key'], headers.timestamp, headers.sign, headers['content-type']],
    ['bDqJFiq9', '1630468800', '05d7a50893e22a5c4bb3216ae3396c7c', 'application/json;charset=UTF-8'],
  );
});

test('either envelope is read, with either literal', async () => {
  const bodies = [
    { status: '0', reason: 'success', data: 1 },
    { status: 0, reason: 'success', data: 1 },
    { code: '0', msg: 'success', data: 1 },
    { code: 0, msg: 'success', data: 1, status: '0', reason: 'success' },
  ];
  const { url, transport } = await scene((_request, response, nth) => answer(response, bodies[nth - 1]));
  for (const body of bodies) {
    const { code, reason, data } = await transport.call(url, read);
    assert.deepEqual({ code, reason, data }, { code: 0, reason: 'success', data: 1 }, JSON.stringify(body));
  }
});

test('a refusal has code, reason and HTTP status, and is not asked for again', async () => {
  const { url, requests, transport } = await scene((_request, response) =>
    answer(response, { status: '-22', reason: 'keyId is unknown', data: null }, 404),
  );
  await assert.rejects(transport.call(url, read), (error) => {
    assert.ok(error instanceof CarillonError);
    assert.deepEqual([error.code, error.reason, error.httpStatus], [-22, 'keyId is unknown', 404]);
    assert.equal(error.message, 'POST /x: keyId is unknown (code -22)');
    return true;
  });
  assert.equal(requests.length, 1);
});

test('a read is sent again after trouble that may pass, each time after a longer pause', async () => {
  const { url, requests, pauses, transport } = await scene((request, response, nth) => {
    if (nth === 1) request.socket.destroy();
    else if (nth === 2) answer(response, { code: -18, msg: 'internal' });
    else answer(response, { code: 0, data: 'here' });
  });
  assert.equal((await transport.call(url, read)).data, 'here');
  assert.equal(requests.length, 3);
  assert.deepEqual(pauses, [150, 300]);
});

test('a read is given up after its retries', async () => {
  const { url, requests, transport } = await scene((_request, response) => response.writeHead(502).end('<html>'));
  await assert.rejects(transport.call(url, read), (error) => {
    assert.ok(error instanceof CarillonConnectionError);
    assert.deepEqual([error.httpStatus, error.isOutcomeUnknown], [502, false]);
    return true;
  });
  assert.equal(requests.length, 3);
});

test('an answer that no retry would change is not asked for again', async () => {
  const { url, requests, transport } = await scene((_request, response) => response.writeHead(403).end('forbidden'));
  await assert.rejects(transport.call(url, read), CarillonConnectionError);
  assert.equal(requests.length, 1);
});

test('a change is sent once, and its outcome is unknown where no answer came', async () => {
  const { url, requests, transport } = await scene((request) => request.socket.destroy());
  await assert.rejects(transport.call(url, change), (error) => {
    assert.ok(error instanceof CarillonConnectionError);
    assert.equal(error.isOutcomeUnknown, true);
    return true;
  });
  assert.equal(requests.length, 1);
});

test('a change that was refused for trouble of the platform is sent once too', async () => {
  const { url, requests, transport } = await scene((_request, response) => answer(response, { code: -18, msg: 'x' }));
  await assert.rejects(transport.call(url, change), CarillonError);
  assert.equal(requests.length, 1);
});

test('a change that never left has no unknown outcome', async () => {
  const { url, transport } = await scene(() => assert.fail('nobody listens'));
  const server = servers[0] ?? assert.fail('no server');
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(transport.call(url, change), (error) => {
    assert.ok(error instanceof CarillonConnectionError);
    assert.equal(error.isOutcomeUnknown, false);
    return true;
  });
});

test('a server that does not answer is waited for no longer than allowed', async () => {
  const { url, transport } = await scene(() => undefined);
  await assert.rejects(transport.call(url, change, { timeoutMs: 20 }), (error) => {
    assert.ok(error instanceof CarillonTimeoutError);
    assert.deepEqual([error.timeoutMs, error.isOutcomeUnknown, error.httpStatus], [20, true, null]);
    return true;
  });
});

test('an answer that stops in its middle is waited for no longer than allowed', async () => {
  const { url, transport } = await scene((_request, response) => response.writeHead(200).write('{"code":'));
  await assert.rejects(transport.send(url, change, { timeoutMs: 50 }), CarillonTimeoutError);
});

test('a caller who aborts gets the reason given, also in a pause', async () => {
  const waiting = new AbortController();
  const { url, transport } = await scene(() => waiting.abort(new Error('changed my mind')));
  await assert.rejects(transport.call(url, read, { signal: waiting.signal }), /changed my mind/);
  await assert.rejects(transport.call(url, read, { signal: AbortSignal.abort(new Error('too late')) }), /too late/);

  const pausing = new AbortController();
  const other = await scene((_request, response) => {
    response.writeHead(503).end(() => pausing.abort(new Error('in the pause')));
  });
  await assert.rejects(other.transport.call(other.url, read, { signal: pausing.signal }), /in the pause/);
});

test('a redirect is not followed, and what was sent there not done', async () => {
  const { url, requests, transport } = await scene((_request, response) =>
    response.writeHead(307, { location: '/elsewhere' }).end(),
  );
  await assert.rejects(transport.call(url, change), (error) => {
    assert.ok(error instanceof CarillonConnectionError);
    assert.deepEqual([error.httpStatus, error.isOutcomeUnknown], [307, false]);
    return true;
  });
  assert.deepEqual(
    requests.map((request) => request.url),
    ['/v3/x'],
  );
});

test('what became of a change is unknown where a server behind a proxy may have had it', async () => {
  const statuses = { 200: true, 403: false, 408: true, 413: false, 429: false, 500: true, 502: true, 504: true };
  for (const [status, isOutcomeUnknown] of Object.entries(statuses)) {
    const { url, transport } = await scene((_request, response) => response.writeHead(Number(status)).end('<html>'));
    await assert.rejects(transport.call(url, change), { httpStatus: Number(status), isOutcomeUnknown });
  }
});

test("a body that cannot be written as JSON is the caller's mistake: nothing is sent", async () => {
  const { url, requests, transport } = await scene((_request, response) => answer(response, { code: 0 }));
  await assert.rejects(transport.call(url, { ...change, body: { keyId: 1n } }), TypeError);
  assert.equal(requests.length, 0);
});

test("a key that no header can hold is the caller's mistake: nothing is sent, and nothing sent again", async () => {
  const handle: Handler = (_request, response) => answer(response, { code: 0 });
  const { url, requests, pauses, transport } = await scene(handle, { apiKey: 'a\nkey' });
  for (const request of [read, change]) await assert.rejects(transport.call(url, request), TypeError);
  assert.deepEqual([requests.length, pauses], [0, []]);
});

test('a change has no unknown outcome where fetch says that there was no connection', async () => {
  const codes = { UND_ERR_CONNECT_TIMEOUT: false, ENOTFOUND: false, ECONNRESET: true, UND_ERR_SOCKET: true };
  for (const [code, isOutcomeUnknown] of Object.entries(codes)) {
    const cause = Object.assign(new Error(code), { code });
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    const { url, transport } = await scene(() => undefined, { fetch });
    await assert.rejects(transport.call(url, change), { name: 'CarillonConnectionError', isOutcomeUnknown });
  }
});

test('a read that a proxy had no patience for is sent again', async () => {
  const { url, requests, transport } = await scene((_request, response, nth) =>
    nth === 1 ? response.writeHead(408).end() : answer(response, { code: 0 }),
  );
  await transport.call(url, read);
  assert.equal(requests.length, 2);
});

test('a limit that a timer cannot hold is none', async () => {
  for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 40]) {
    const { url, transport } = await scene((_request, response) => setImmediate(answer, response, { code: 0 }));
    assert.equal((await transport.call(url, read, { timeoutMs })).code, 0);
  }
});
