import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createCarrierLedger, type LedgerLine } from './carrier-ledger.ts';

const at = '2026-01-01T00:00:00.000Z';

function invite(callId: string, number: string, timesCalled = 1): LedgerLine {
  return { event: 'invite', at, callId, number, timesCalled, reaction: 'answers' };
}

describe('carrier ledger', () => {
  it('counts calls by number and finds a repeated Call-ID', async () => {
    const ledger = createCarrierLedger(null);
    ledger.write(invite('a', '100'));
    ledger.write({
      event: 'end',
      at,
      callId: 'a',
      number: '100',
      status: 200,
      rtpPackets: 50,
      heardSound: true,
      digit: '1',
    });
    ledger.write(invite('b', '100', 2));
    ledger.write({
      event: 'end',
      at,
      callId: 'b',
      number: '100',
      status: 487,
      rtpPackets: null,
      heardSound: null,
      digit: null,
    });
    ledger.write(invite('b', '200'));
    assert.deepEqual([ledger.timesCalled('100'), ledger.timesCalled('200'), ledger.timesCalled('300')], [2, 1, 0]);
    assert.deepEqual(ledger.summary(), {
      invites: 3,
      numbers: 2,
      repeatedCallIds: ['b'],
      answered: 1,
      answeredWithSound: 1,
      rtpPackets: 50,
      open: 1,
    });
    await ledger.close();
  });

  it('appends JSON lines to its file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-'));
    try {
      const file = join(folder, 'ledger.jsonl');
      for (const callId of ['a', 'b']) {
        const ledger = createCarrierLedger(file);
        ledger.write(invite(callId, '100'));
        await ledger.close();
      }
      const lines = (await readFile(file, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(lines, [invite('a', '100'), invite('b', '100')]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
