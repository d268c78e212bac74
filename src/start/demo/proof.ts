import type { LedgerLine } from '../../simulator/carrier-ledger.ts';
import type { ReportFact } from './report-receiver.ts';
import type { CallFact, FlowFacts, RoundFacts } from './run-facts.ts';

/** One thing that must hold after a run. */
export type Proof = {
  readonly text: string;
  /** What was counted. */
  readonly figures: string;
  readonly holds: boolean;
};

export type RunEvidence = {
  readonly numbers: readonly string[];
  readonly rounds: readonly RoundFacts[];
  readonly flow: FlowFacts;
  /** What the simulated carrier saw: the other side's word. */
  readonly ledger: readonly LedgerLine[];
  /** What the customer was told. */
  readonly reports: readonly ReportFact[];
};

const connected = 50;

/** Holds what the platform says against the plan and against the carrier's ledger. */
export function proveRun(evidence: RunEvidence): Proof[] {
  return [
    everyCallee(evidence),
    recallsOfTheFailed(evidence),
    flowCompleted(evidence),
    nobodyTwice(evidence),
    everybodyHeard(evidence),
    keysAgree(evidence),
    everyCallReported(evidence),
  ];
}

function everyCallee({ numbers, rounds }: RunEvidence): Proof {
  const first = rounds[0]?.calls ?? [];
  const ended = new Set(first.filter(isAccountedFor).map((call) => call.number));
  const accounted = numbers.filter((number) => ended.has(number)).length;
  const calls = rounds.flatMap((round) => round.calls);
  const open = calls.filter((call) => !isAccountedFor(call)).length;
  return {
    text: 'every callee is accounted for',
    figures: `${accounted} of ${numbers.length}; ${calls.length} calls in ${rounds.length} rounds, ${open} without an outcome`,
    holds: accounted === numbers.length && first.length === numbers.length && open === 0,
  };
}

function isAccountedFor(call: CallFact): boolean {
  return call.isEnded && call.callStatus !== null;
}

function recallsOfTheFailed({ rounds }: RunEvidence): Proof {
  const wrong = rounds.slice(1).filter((round, index) => {
    const before = rounds[index]?.calls ?? [];
    const failed = before.filter((call) => call.callStatus !== connected).map((call) => call.number);
    return !isSameSet(
      failed,
      round.calls.map((call) => call.number),
    );
  });
  return {
    text: 'each recall round called exactly those whom the round before had not reached',
    figures:
      rounds
        .slice(1)
        .map((round) => `${round.calls.length} callees`)
        .join(', then ') || 'no recall round was needed',
    holds: wrong.length === 0,
  };
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const set = new Set(left);
  return left.length === right.length && right.every((value) => set.has(value));
}

/** A round with nobody left completes without a task (docs/decisions/0007-recall-in-the-corners.md). */
function flowCompleted({ flow, rounds }: RunEvidence): Proof {
  const everybodyReached = rounds.at(-1)?.calls.every((call) => call.callStatus === connected) ?? false;
  const nodes = flow.nodes.map((node) => `${node.taskId ?? 'no task'}`).join(', ');
  return {
    text: 'the recall flow is completed, each node with its child task',
    figures: `flow status ${flow.status}; tasks ${nodes}`,
    holds:
      flow.status === 2 &&
      flow.nodes.length > 0 &&
      flow.nodes.every((node) => node.status === 2 && (node.taskId !== null || everybodyReached)),
  };
}

function nobodyTwice({ rounds, ledger }: RunEvidence): Proof {
  const invites = ledger.filter((line) => line.event === 'invite');
  const seen = countBy(invites, (line) => line.number);
  const planned = countBy(
    rounds.flatMap((round) => round.calls),
    (call) => call.number,
  );
  const callIds = new Set(invites.map((line) => line.callId)).size;
  const wrong = [...new Set([...seen.keys(), ...planned.keys()])].filter(
    (number) => seen.get(number) !== planned.get(number),
  );
  return {
    text: 'nobody was called twice in a round',
    figures: `the carrier saw ${invites.length} INVITEs with ${callIds} Call-IDs; ${wrong.length} numbers got another count than they had rounds`,
    holds: invites.length > 0 && callIds === invites.length && wrong.length === 0,
  };
}

function everybodyHeard({ ledger, rounds }: RunEvidence): Proof {
  const answered = ledger.filter((line) => line.event === 'end' && line.status === 200);
  const heard = answered.filter((line) => line.event === 'end' && line.heardSound === true).length;
  const packets = answered.reduce((sum, line) => sum + (line.event === 'end' ? (line.rtpPackets ?? 0) : 0), 0);
  const said = rounds.flatMap((round) => round.calls).filter((call) => call.callStatus === connected).length;
  return {
    text: 'all who answered heard the bells',
    figures: `${heard} of ${answered.length} in ${packets} RTP packets; the platform says ${said} connected`,
    holds: heard === answered.length && said === answered.length,
  };
}

function keysAgree({ ledger, rounds }: RunEvidence): Proof {
  const pressed = countBy(
    ledger.flatMap((line) => (line.event === 'end' && line.digit !== null ? [`${line.number} ${line.digit}`] : [])),
    (press) => press,
  );
  const recorded = countBy(
    rounds.flatMap((round) => round.calls.flatMap((call) => (call.key === null ? [] : [`${call.number} ${call.key}`]))),
    (press) => press,
  );
  const differ = [...new Set([...pressed.keys(), ...recorded.keys()])].filter(
    (press) => pressed.get(press) !== recorded.get(press),
  ).length;
  const total = [...pressed.values()].reduce((sum, count) => sum + count, 0);
  return {
    text: 'every key pressed was recorded, and no other',
    figures: `${total} presses, ${differ} differ`,
    holds: differ === 0,
  };
}

/** A report may come twice (docs/reports.md), but never say something else. */
function everyCallReported({ rounds, reports }: RunEvidence): Proof {
  const calls = rounds.flatMap((round) =>
    round.calls.map((call) => `${round.taskId} ${call.number} ${call.callStatus}`),
  );
  const believed = reports.filter((report) => report.isSigned);
  const told = new Set(believed.map((report) => `${report.taskId} ${report.number} ${report.callStatus}`));
  const missing = calls.filter((call) => !told.has(call)).length;
  return {
    text: 'every call was reported to the customer, signed, as it is recorded',
    figures: `${reports.length} reports of ${calls.length} calls; ${missing} missing, ${reports.length - believed.length} with a wrong signature`,
    holds: missing === 0 && told.size === calls.length && believed.length === reports.length,
  };
}

function countBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  return counts;
}
