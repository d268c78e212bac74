import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LedgerLine } from '../../simulator/carrier-ledger.ts';
import { proveRun, type RunEvidence } from './proof.ts';
import type { ReportFact } from './report-receiver.ts';
import type { CallFact, RoundFacts } from './run-facts.ts';

const at = '2026-01-01T00:00:00.000Z';

function call(number: string, callStatus: number, key: string | null = null): CallFact {
  return { number, isEnded: true, isOpen: false, callStatus, key };
}

function round(ordinal: number, calls: CallFact[]): RoundFacts {
  return { ordinal, taskId: 5000000 + ordinal, taskStatus: 2, waitingReason: null, calls };
}

function seen(callId: string, number: string, status: number, digit: string | null = null): LedgerLine[] {
  const isAnswered = status === 200;
  return [
    { event: 'invite', at, callId, number, timesCalled: 1, reaction: 'answers' },
    {
      event: 'end',
      at,
      callId,
      number,
      status,
      rtpPackets: isAnswered ? 250 : null,
      heardSound: isAnswered ? true : null,
      digit,
    },
  ];
}

function told(ordinal: number, number: string, callStatus: number): ReportFact {
  return { taskId: 5000000 + ordinal, number, callStatus, isSigned: true };
}

/** 100 answers and presses 1; 200 is busy, then answers; 300 is never there. */
const good: RunEvidence = {
  numbers: ['100', '200', '300'],
  rounds: [
    round(1, [call('100', 50, '1'), call('200', 10), call('300', 60)]),
    round(2, [call('200', 50), call('300', 60)]),
  ],
  flow: { status: 2, nodes: [{ taskId: 5000002, status: 2, statusReason: null }] },
  ledger: [
    ...seen('a', '100', 200, '1'),
    ...seen('b', '200', 486),
    ...seen('c', '300', 404),
    ...seen('d', '200', 200),
    ...seen('e', '300', 404),
  ],
  reports: [
    told(1, '100', 50),
    told(1, '200', 10),
    told(1, '300', 60),
    told(2, '200', 50),
    // Twice, which may be.
    told(2, '200', 50),
    told(2, '300', 60),
  ],
};

function broken(evidence: RunEvidence): number[] {
  return proveRun(evidence).flatMap((proof, index) => (proof.holds ? [] : [index]));
}

describe('proveRun', () => {
  it('holds for a good run and says the figures', () => {
    assert.deepEqual(broken(good), []);
    assert.match(proveRun(good)[0]?.figures ?? '', /3 of 3; 5 calls in 2 rounds, 0 without an outcome/);
  });

  it('allows a node without a task where everybody was reached', () => {
    const reached: RunEvidence = {
      numbers: ['100'],
      rounds: [round(1, [call('100', 50)])],
      flow: { status: 2, nodes: [{ taskId: null, status: 2, statusReason: null }] },
      ledger: seen('a', '100', 200),
      reports: [told(1, '100', 50)],
    };
    assert.deepEqual(broken(reached), []);
  });

  const [firstRound, secondRound] = good.rounds;
  assert.ok(firstRound !== undefined && secondRound !== undefined);
  const unended: CallFact = { ...call('300', 60), isEnded: false, callStatus: null };
  const rows: [string, Partial<RunEvidence>, number[]][] = [
    ['a call that was not reported', { reports: good.reports.slice(1) }, [6]],
    ['a report that says something else', { reports: [...good.reports, told(1, '100', 60)] }, [6]],
    ['a report that nobody signed', { reports: [...good.reports, { ...told(1, '100', 50), isSigned: false }] }, [6]],
    ['a callee without a call', { numbers: [...good.numbers, '400'] }, [0]],
    ['a call without an end', { rounds: [firstRound, round(2, [call('200', 50), unended])] }, [0, 6]],
    [
      'a recall of somebody who was reached',
      { rounds: [firstRound, round(2, [...secondRound.calls, call('100', 60)])] },
      [1, 3, 6],
    ],
    ['a recall that left somebody out', { rounds: [firstRound, round(2, [call('200', 50)])] }, [1, 3, 6]],
    ['a flow that is not completed', { flow: { ...good.flow, status: 1 } }, [2]],
    ['a node without a task', { flow: { status: 2, nodes: [{ taskId: null, status: 2, statusReason: null }] } }, [2]],
    ['a flow without nodes', { flow: { status: 2, nodes: [] } }, [2]],
    ['an INVITE too many', { ledger: [...good.ledger, ...seen('f', '100', 486)] }, [3]],
    [
      'a Call-ID used twice',
      { ledger: good.ledger.map((line) => ({ ...line, callId: line.callId === 'e' ? 'c' : line.callId })) },
      [3],
    ],
    ['no ledger at all', { ledger: [] }, [3, 4, 5]],
    [
      'somebody who heard nothing',
      {
        ledger: good.ledger.map((line) =>
          line.event === 'end' && line.status === 200 ? { ...line, heardSound: false } : line,
        ),
      },
      [4],
    ],
    [
      'a key that was not recorded',
      { ledger: [...good.ledger.slice(0, 1), ...seen('a', '100', 200, '2').slice(1), ...good.ledger.slice(2)] },
      [5],
    ],
  ];
  for (const [name, changes, expected] of rows) {
    it(`finds ${name}`, () => assert.deepEqual(broken({ ...good, ...changes }), expected));
  }
});
