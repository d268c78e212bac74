import assert from 'node:assert/strict';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { createAddressRule } from '../../src/webhook/address-rule.ts';
import type { NameResolver } from '../../src/webhook/guarded-lookup.ts';
import { createReceiver, type PostResult, type ReceiverOptions } from '../../src/webhook/receiver.ts';
import { createTestAuthority } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';
import { type ReportReceiver, startReportReceiver } from '../support/report-receiver.ts';
import { until } from '../support/until.ts';

const loopback = createAddressRule(['127.0.0.1']);
let far: ReportReceiver;
before(async () => {
  far = await startReportReceiver();
});
after(() => far.close());

async function post(url: string, options: Partial<ReceiverOptions> = {}, body = '{}'): Promise<PostResult> {
  const usual = { rule: loopback, clock: systemClock, maxConnections: 2, deadlineMs: 5000 };
  const receiver = createReceiver(new URL(url), { ...usual, ...options });
  try {
    return await receiver.post(body, { 'content-type': 'application/json' });
  } finally {
    await receiver.close();
  }
}

/** A TCP server that is no HTTP server; `behave` is given each connection. */
async function withTcpServer<T>(behave: (socket: Socket) => void, work: (url: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await work(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

test('every status from 200 to 599: 2xx is a delivery and nothing else is', async () => {
  const receiver = createReceiver(new URL(far.url), {
    ...{ rule: loopback, clock: systemClock, maxConnections: 4, deadlineMs: 5000 },
  });
  for (let status = 200; status < 600; status++) {
    far.behave((response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end());
    const result = await receiver.post('{}', {});
    assert.equal(result.httpStatus, status);
    const kind =
      result.problem === null
        ? 'delivered'
        : result.problem.includes('redirects are not followed')
          ? 'redirect'
          : 'failed';
    assert.equal(
      kind,
      status < 300 ? 'delivered' : status < 400 ? 'redirect' : 'failed',
      `${status}: ${result.problem}`,
    );
  }
  await receiver.close();
});

test('a redirect is not followed', async () => {
  const target = await startReportReceiver();
  far.behave((response) => response.writeHead(302, { location: target.url }).end());
  const result = await post(far.url);
  assert.equal(result.httpStatus, 302);
  assert.match(result.problem ?? '', /redirects are not followed/);
  assert.deepEqual(target.posts, []);
  await target.close();
});

test('nobody there, nobody answering, somebody who hangs up, somebody who speaks something else', async () => {
  assert.deepEqual((await post(`http://127.0.0.1:${await freePort()}/`)).problem, 'connection refused');
  const silent = await withTcpServer(
    () => undefined,
    (url) => post(url, { deadlineMs: 200 }),
  );
  assert.equal(silent.problem, 'no answer within 0.2 s');
  const rude = await withTcpServer(
    (socket) => socket.once('data', () => socket.destroy()),
    (url) => post(url),
  );
  assert.match(rude.problem ?? '', /connection (closed|reset)/);
  const other = await withTcpServer(
    (socket) => socket.end('220 mail.example.com ESMTP\r\n'),
    (url) => post(url),
  );
  assert.ok(other.problem !== null && other.httpStatus === null);
});

test('a receiver that never reads is given up with the deadline', async () => {
  const big = JSON.stringify('x'.repeat(20_000_000));
  const result = await withTcpServer(
    (socket) => socket.pause(),
    (url) => post(url, { deadlineMs: 300 }, big),
  );
  assert.equal(result.problem, 'no answer within 0.3 s');
});

test('headers byte by byte are no answer in time; a status whose body never ends is one', async () => {
  const dribble = (socket: Socket): void => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const timer = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(timer));
  };
  assert.equal(
    (await withTcpServer(dribble, (url) => post(url, { deadlineMs: 300 }))).problem,
    'no answer within 0.3 s',
  );
  far.behave((response) => {
    response.writeHead(200).flushHeaders();
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const endless = await post(far.url, { deadlineMs: 300 });
  assert.deepEqual([endless.httpStatus, endless.problem], [200, null]);
});

test('an answer that breaks off before its status is none, and one that breaks off after it is one', async () => {
  const early = await withTcpServer(
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Le')),
    (url) => post(url),
  );
  assert.equal(early.httpStatus, null);
  assert.ok(early.problem !== null);
  const late = await withTcpServer(
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')),
    (url) => post(url),
  );
  assert.deepEqual([late.httpStatus, late.problem], [200, null]);
  const refusal = await withTcpServer(
    (socket) => socket.once('data', () => socket.end('HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf')),
    (url) => post(url),
  );
  assert.deepEqual([refusal.httpStatus, refusal.problem], [500, 'answered 500']);
});

test('a receiver that answers with ten megabytes has answered, and its next POST goes as well', async () => {
  far.behave((response) => response.writeHead(200, { 'content-length': 10_000_000 }).end(Buffer.alloc(10_000_000)));
  const receiver = createReceiver(new URL(far.url), {
    ...{ rule: loopback, clock: systemClock, maxConnections: 1, deadlineMs: 5000 },
  });
  for (let nth = 0; nth < 3; nth++) {
    const result = await receiver.post('{}', {});
    assert.deepEqual([result.httpStatus, result.problem], [200, null]);
  }
  await receiver.close();
});

test('a receiver that answers with a flood is hung up on', async () => {
  let written = 0;
  let isHungUp = false;
  far.behave((response) => {
    response.writeHead(200).on('close', () => {
      isHungUp = true;
    });
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) written += 65_536;
    };
    response.on('drain', pour);
    pour();
  });
  const result = await post(far.url);
  assert.deepEqual([result.httpStatus, result.problem], [200, null]);
  await until(() => isHungUp, { what: 'the connection to be closed', timeoutMs: 10_000, everyMs: 10 });
  assert.ok(written < 50_000_000, `${written} bytes`);
});

test('connections are kept, and no more are opened than may be', async () => {
  far.behave(200);
  const before = far.connections;
  const receiver = createReceiver(new URL(far.url), {
    ...{ rule: loopback, clock: systemClock, maxConnections: 2, deadlineMs: 5000 },
  });
  await Promise.all(Array.from({ length: 40 }, () => receiver.post('{}', {})));
  assert.ok(far.connections - before <= 2, `${far.connections - before} connections`);
  await receiver.close();
});

test('an address that is not public is never connected to, by number or by name', async () => {
  const everywhere = createAddressRule([]);
  const before = far.connections;
  for (const host of ['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::1]', 'localhost']) {
    const result = await post(`http://${host}:${far.port}/`, { rule: everywhere });
    assert.match(result.problem ?? '', /no public address/, host);
    assert.equal(result.httpStatus, null);
  }
  assert.equal(far.connections, before);
});

test('a name that comes to stand for another address is checked again for each connection', async () => {
  // It stands for an allowed address while it is set up and for the first POST, and for a forbidden one after that.
  const answers = ['127.0.0.1', '127.0.0.1', '127.0.0.2'];
  const asked: string[] = [];
  const resolve: NameResolver = (hostname, _options, callback) => {
    asked.push(hostname);
    callback(null, [{ address: answers[Math.min(asked.length, answers.length - 1)] ?? '', family: 4 }]);
  };
  far.behave((response) => response.writeHead(200, { connection: 'close' }).end());
  const options = { rule: loopback, clock: systemClock, maxConnections: 1, deadlineMs: 5000, resolve };
  const receiver = createReceiver(new URL(`http://rebind.example:${far.port}/`), options);
  const first = await receiver.post('{}', {});
  assert.equal(first.problem, null);
  const second = await receiver.post('{}', {});
  assert.equal(second.problem, 'rebind.example is 127.0.0.2, which is no public address');
  assert.deepEqual(asked, ['rebind.example', 'rebind.example']);
  await receiver.close();
});

test('of several addresses only those that may be are tried', async () => {
  const resolve: NameResolver = (_hostname, _options, callback) =>
    callback(null, [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]);
  far.behave(200);
  const result = await post(`http://two.example:${far.port}/`, { resolve });
  assert.equal(result.problem, null);
});

test('a name that stands for an IPv4 address in IPv6 clothes is not connected to', async () => {
  for (const address of ['::ffff:169.254.169.254', '::ffff:7f00:1', '64:ff9b::a00:1']) {
    const resolve: NameResolver = (_hostname, _options, callback) => callback(null, [{ address, family: 6 }]);
    const result = await post(`http://mapped.example:${far.port}/`, { resolve, rule: createAddressRule([]) });
    assert.equal(result.problem, `mapped.example is ${address}, which is no public address`);
  }
});

test('a certificate that nobody vouches for is refused before anything is said', async () => {
  const { certificate, privateKey } = createTestAuthority().issue(['IP:127.0.0.1']);
  let requests = 0;
  const server = createHttpsServer({ cert: certificate, key: privateKey }, (_request, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const result = await post(`https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  assert.equal(result.httpStatus, null);
  assert.match(result.problem ?? '', /certificate/);
  assert.equal(requests, 0);
});
