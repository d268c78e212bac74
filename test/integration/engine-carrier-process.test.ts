import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CallEngine } from '../../src/call/engine.ts';
import { createEmbeddedEngine } from '../../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { LedgerLine } from '../../src/simulator/carrier-ledger.ts';
import type { CarrierMessage } from '../../src/simulator/carrier-messages.ts';
import { createMediaService } from '../../src/telephony/rtp/media-service.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import { ObservedLeg } from '../support/observed-leg.ts';
import { trunkTarget } from '../support/trunk-target.ts';

/** Everybody answers and presses a key. */
const mix = 'answers=1,busy=0,noAnswer=0,declines=0,unreachable=0,keyShare=1,earlyShare=0';

async function told(child: ChildProcess, type: CarrierMessage['type']): Promise<CarrierMessage> {
  for (;;) {
    const [message]: CarrierMessage[] = await once(child, 'message');
    if (message?.type === type) return message;
    if (message?.type === 'failed') throw new Error(message.reason);
  }
}

describe('simulated carrier as a process', { timeout: 300_000 }, () => {
  let folder: string;
  let child: ChildProcess;
  let port: number;
  let engine: CallEngine;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carrier-'));
    const args = ['--port', '0', '--rtp-ports', '16000-16998', '--ledger', join(folder, 'ledger.jsonl'), '--mix', mix];
    const login = ['--user', 'acme', '--password', 'secret', '--log-level', 'silent'];
    child = fork(new URL('../../src/simulator/main.ts', import.meta.url), [...args, ...login], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      execArgv: [],
    });
    const ready = await told(child, 'ready');
    assert.ok(ready.type === 'ready');
    port = ready.port;
    const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
    const endpoint = await createSipEndpoint({
      ...shared,
      host: '127.0.0.1',
      port: 0,
      userAgent: 'test',
    });
    const portRange = { first: 19_000, last: 19_998 };
    const media = await createMediaService({ ...shared, hosts: ['127.0.0.1'], portRange, threads: 1 });
    engine = createEmbeddedEngine({ ...shared, endpoint, media, rtpHosts: ['127.0.0.1'] });
    const pcm = Int16Array.from({ length: 80_000 }, (_, index) => Math.round(8000 * Math.sin(index / 3)));
    await engine.loadPrompt({ promptKey: 'hum', pcm, sampleRate: 16_000 });
  });

  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  async function call(number: string, sipCallId: string): Promise<string> {
    const trunk = trunkTarget({ port, username: 'acme', password: 'secret', codecs: ['PCMU'] });
    const leg = new ObservedLeg(engine, { sipCallId, trunk, number, displayNum: null, ringTimeoutMs: 20_000 });
    await leg.until('answered');
    leg.leg.play('hum', 1);
    const { digit } = await leg.until('digit');
    await leg.until('play-ended');
    leg.leg.hangUp();
    await leg.end();
    return digit;
  }

  it('keeps a ledger of who was called, what was heard and which key was pressed, and sums it up when asked', async () => {
    const callIds = ['one', 'two', 'three'].map((name) => `${name}-${process.pid}`);
    const digits = await Promise.all(callIds.map((callId, index) => call(`99900${index}`, callId)));
    const again = await call('999000', `again-${process.pid}`);
    child.send({ type: 'summary' });
    const summed = await told(child, 'summary');
    assert.ok(summed.type === 'summary');
    const { rtpPackets, ...counts } = summed.summary;
    assert.deepEqual(counts, {
      invites: 4,
      numbers: 3,
      repeatedCallIds: [],
      answered: 4,
      answeredWithSound: 4,
      open: 0,
    });
    assert.ok(rtpPackets >= 4 * 200, `${rtpPackets}`);
    const output: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.kill('SIGUSR2');
    while (output.length === 0) await once(child.stdout ?? assert.fail('piped'), 'data');
    assert.deepEqual(JSON.parse(Buffer.concat(output).toString()), summed.summary);
    const exited = once(child, 'exit');
    child.disconnect();
    assert.deepEqual(await exited, [0, null], 'ends by itself when its parent is gone');
    const text = await readFile(join(folder, 'ledger.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): LedgerLine => JSON.parse(line));
    const invites = lines.filter((line) => line.event === 'invite');
    assert.deepEqual(invites.map(({ number, timesCalled }) => [number, timesCalled]).sort(), [
      ['999000', 1],
      ['999000', 2],
      ['999001', 1],
      ['999002', 1],
    ]);
    assert.ok(invites.every((line) => line.reaction === 'answers'));
    const pressed = lines.flatMap((line) => (line.event === 'end' ? [line.digit] : []));
    assert.deepEqual(pressed.sort(), [...digits, again].sort());
  });
});
