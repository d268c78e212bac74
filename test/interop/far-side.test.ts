import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { freeUdpPort } from '../support/free-port.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';

/** The acceptance tests believe the far side's ledger, so it is held against another stack first. */

let farSide: FarSide;
before(async () => {
  farSide = await startFarSide({
    behave: (number) => {
      if (number === '100') return { kind: 'answer', ringMs: 50, talkMs: null };
      if (number === '200') return { kind: 'reject', ringMs: 50, status: 486, reason: 'Busy Here' };
      if (number === '300') return { kind: 'answer', ringMs: 50, talkMs: 300 };
      return { kind: 'ring' };
    },
  });
});
after(() => farSide?.close());

/** Runs one of SIPp's callers against the far side; resolves to its exit code. */
async function callBySipp(number: string, scenario: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-sipp-'));
  const child = await startChild({
    command: 'sipp',
    args: [
      ...[`127.0.0.1:${farSide.port}`, '-i', '127.0.0.1', '-p', String(await freeUdpPort()), '-s', number],
      ...['-m', '1', '-d', '200', '-nostdin', ...scenario],
    ],
    cwd: folder,
    env: { TERM: 'dumb' },
    install: 'apt-get install -y sip-tester',
  });
  try {
    return await child.waitForExit(20_000);
  } finally {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function entriesTo(number: string): readonly unknown[] {
  return farSide
    .entries()
    .filter((entry) => entry.number === number)
    .map(({ end, isAnswered, isAcknowledged }) => ({ end, isAnswered, isAcknowledged }));
}

test('a call that is answered and hung up by the caller', async () => {
  assert.equal(await callBySipp('100', ['-sn', 'uac']), 0);
  assert.deepEqual(entriesTo('100'), [{ end: 'caller-bye', isAnswered: true, isAcknowledged: true }]);
});

test('a second call to the number is a second entry', async () => {
  assert.equal(await callBySipp('100', ['-sn', 'uac']), 0);
  assert.equal(entriesTo('100').length, 2);
});

test('a call that is refused: SIPp, which expected an answer, fails', async () => {
  assert.equal(await callBySipp('200', ['-sn', 'uac']), 1);
  assert.deepEqual(entriesTo('200'), [{ end: 'rejected', isAnswered: false, isAcknowledged: true }]);
});

test('a call that is cancelled', async () => {
  const scenario = fileURLToPath(new URL('./carrier/uac-cancel.xml', import.meta.url));
  assert.equal(await callBySipp('400', ['-sf', scenario]), 0);
  assert.deepEqual(entriesTo('400'), [{ end: 'cancelled', isAnswered: false, isAcknowledged: true }]);
});

test('a call that the far side hangs up', async () => {
  const scenario = fileURLToPath(new URL('./carrier/uac-expect-bye.xml', import.meta.url));
  assert.equal(await callBySipp('300', ['-sf', scenario]), 0);
  assert.deepEqual(entriesTo('300'), [{ end: 'far-bye', isAnswered: true, isAcknowledged: true }]);
  assert.equal(farSide.inFlight(), 0);
});

test('a retransmitted INVITE is not a second call', async () => {
  const scenario = fileURLToPath(new URL('./carrier/uac-retransmit.xml', import.meta.url));
  assert.equal(await callBySipp('201', ['-sf', scenario]), 0);
  const [entry, ...others] = farSide.entries().filter(({ number }) => number === '201');
  assert.deepEqual([entry?.retransmissions, others.length], [1, 0]);
});
