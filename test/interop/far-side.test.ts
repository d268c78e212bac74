import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { type FarSide, startFarSide } from '../support/ledger.ts';
import { until } from '../support/until.ts';

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
      ...[`127.0.0.1:${farSide.port}`, '-i', '127.0.0.1', '-p', String(await freePort()), '-s', number],
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

test('a retransmitted INVITE is not a second call, and is answered again', async () => {
  const socket = createSocket('udp4');
  let ringing = 0;
  socket.on('message', (packet) => {
    if (packet.toString().startsWith('SIP/2.0 180')) ringing += 1;
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const own = `127.0.0.1:${socket.address().port}`;
  const invite = [
    'INVITE sip:400@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bKtwice`,
    `From: <sip:a@${own}>;tag=a`,
    'To: <sip:400@127.0.0.1>',
    'Call-ID: twice',
    'CSeq: 1 INVITE',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  try {
    for (const times of [1, 2]) {
      socket.send(invite, farSide.port, '127.0.0.1');
      await until(() => ringing === times, { what: `180 number ${times}`, timeoutMs: 5000, everyMs: 10 });
    }
  } finally {
    socket.close();
  }
  const entries = farSide.entries().filter(({ sipCallId }) => sipCallId === 'twice');
  assert.deepEqual(
    entries.map(({ retransmissions }) => retransmissions),
    [1],
  );
});
