import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/db/embedded/postmaster.ts';

const program = fileURLToPath(new URL('../../src/start/all-in-one.ts', import.meta.url));
const waitLimitMs = 180_000;

let dataDir: string;
before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'carillon-platform-'));
  await chmod(dataDir, 0o711);
});
after(() => rm(dataDir, { recursive: true, force: true }));

/** A running `npm start`: what it prints, line by line, and how to wait for a line. */
class Running {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  #wake: () => void = () => undefined;

  constructor() {
    const environment = Object.entries(process.env).filter(
      ([name]) => !/^(CARILLON_|DATABASE_URL$|NODE_TEST_)/.test(name),
    );
    const env = {
      ...Object.fromEntries(environment),
      CARILLON_DATA_DIR: dataDir,
      CARILLON_HTTP_HOST: '127.0.0.1',
      CARILLON_HTTP_PORT: '0',
      CARILLON_SIP_HOST: '127.0.0.1',
      CARILLON_SIP_PORT: '0',
      CARILLON_RTP_PORTS: '40000-40100',
      CARILLON_MEDIA_THREADS: '1',
    };
    this.child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(this.child.stdout);
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake();
    });
    this.child.once('exit', () => this.#wake());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** The first match at or after line `from`. */
  async match(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const deadline = Date.now() + waitLimitMs;
    for (;;) {
      const found = pattern.exec(this.lines.slice(from).join('\n'));
      if (found) return found;
      assert.ok(this.child.exitCode === null && Date.now() < deadline, `no ${pattern} in:\n${this.text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000).unref();
      });
    }
  }

  /** The process id in the ready line of an api or dialer. */
  async pidOf(name: string, from = 0): Promise<number> {
    const [, pid] = await this.match(new RegExp(`"name":"${name}","pid":(\\d+),.*"msg":"process is ready"`), from);
    return Number(pid);
  }

  async apiUrl(from = 0): Promise<string> {
    return (await this.match(/"apiUrl":"([^"]+)"/, from))[1] ?? '';
  }

  async serverPid(from = 0): Promise<number> {
    return Number((await this.match(/"serverPid":(\d+),"user".*"msg":"embedded PostgreSQL is running"/, from))[1]);
  }
}

let running: Running;
afterEach(async () => {
  if (running.child.exitCode === null && running.child.signalCode === null) {
    running.child.kill('SIGTERM');
    await once(running.child, 'exit');
  }
});

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + waitLimitMs;
  while (isAlive(pid)) {
    assert.ok(Date.now() < deadline, `process ${pid} does not end`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}

/** Asks until the answer is 200; what is being started again refuses connections meanwhile. */
async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + waitLimitMs;
  while ((await statusOf(url).catch(() => 0)) !== 200) {
    assert.ok(Date.now() < deadline, `${url} does not become ready`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('the first start makes an account, tells its credentials once, and stops in order', async () => {
  running = new Running();
  await running.match(/^ {2}SIP {6}127\.0\.0\.1:\d+ \(UDP\)$/m);
  assert.match(running.text, /Api-Key {5}\w{8}\n {2}API secret {2}\w+\n {2}appId {7}\w{8}/);
  const token = /Bearer token {2}(\w+)/.exec(running.text)?.[1];
  assert.equal((await readFile(join(dataDir, 'admin-token'), 'utf8')).trim(), token);
  assert.equal((await stat(join(dataDir, 'admin-token'))).mode & 0o777, 0o600);
  const url = await running.apiUrl();
  assert.equal(await statusOf(`${url}/healthz`), 200);
  assert.equal(await statusOf(`${url}/readyz`), 200);
  const accounts = await fetch(`${url}/admin/v1/accounts`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(accounts.status, 200);
  const pids = [await running.pidOf('api'), await running.pidOf('dialer'), await running.serverPid()];
  running.child.kill('SIGTERM');
  assert.deepEqual(await once(running.child, 'exit'), [0, null]);
  assert.deepEqual(pids.map(isAlive), [false, false, false]);
  const ends = running.lines.filter((line) => line.includes('process has stopped'));
  assert.deepEqual(
    ends.map((line) => /"name":"(\w+)"/.exec(line)?.[1]),
    ['dialer', 'api'],
  );
});

test('a later start shows no secrets, and what is killed comes back', async () => {
  running = new Running();
  await running.match(/SIP {6}127/);
  assert.doesNotMatch(running.text, /secret|Bearer/);

  for (const name of ['api', 'dialer']) {
    const pid = await running.pidOf(name);
    const from = running.lines.length;
    process.kill(pid, 'SIGKILL');
    assert.notEqual(await running.pidOf(name, from), pid);
  }
  const apiLine = running.lines.findLastIndex((line) => line.includes('"apiUrl"'));
  const url = await running.apiUrl(apiLine);
  assert.equal(await statusOf(`${url}/readyz`), 200);

  const serverPid = await running.serverPid();
  const from = running.lines.length;
  process.kill(serverPid, 'SIGKILL');
  assert.notEqual(await running.serverPid(from), serverPid);
  await untilReady(`${url}/readyz`);
});

test('when the supervisor is killed its processes stop, and the next start takes over', async () => {
  running = new Running();
  const pids = [await running.pidOf('api'), await running.pidOf('dialer')];
  const serverPid = await running.serverPid();
  running.child.kill('SIGKILL');
  for (const pid of pids) await gone(pid);
  assert.equal(isAlive(serverPid), true);
  running = new Running();
  await running.match(/SIP {6}127/);
  assert.equal(isAlive(serverPid), false);
});

test('a second signal ends what does not stop by itself, at once', async () => {
  running = new Running();
  await running.match(/SIP {6}127/);
  const pids = [await running.pidOf('api'), await running.pidOf('dialer'), await running.serverPid()];
  // A dialer that hangs has a minute and more to stop in order.
  process.kill(pids[1] ?? 0, 'SIGSTOP');
  running.child.kill('SIGTERM');
  await running.match(/"msg":"stopping; a second signal forces"/);
  // Two signals within half a second are one key press.
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.deepEqual(pids.map(isAlive), [true, true, true], 'one signal alone waits for the dialer');
  running.child.kill('SIGTERM');
  assert.deepEqual(await once(running.child, 'exit'), [1, null]);
  assert.deepEqual(pids.map(isAlive), [false, false, false]);
});

test('a part that cannot start ends the whole, with a word why', async () => {
  running = new Running();
  await running.match(/SIP {6}127/);
  const second = new Running();
  const [code] = await once(second.child, 'exit');
  assert.equal(code, 1);
  assert.match(second.text, /another Carillon \(pid \d+\) runs with this data folder/);
});
