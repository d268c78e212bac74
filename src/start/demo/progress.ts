import type { CallFact, FlowFacts, RoundFacts } from './run-facts.ts';

/** How a call of a round stands, in the view's words. */
export type CallGroup = 'answered' | 'busy' | 'noAnswer' | 'declined' | 'unreachable';

export type GroupCounts = Readonly<Record<CallGroup, number>>;

/** One round as the view shows it. */
export type RoundProgress = {
  readonly ordinal: number;
  readonly taskId: number | null;
  /** `planned`: not due yet. */
  readonly state: 'planned' | 'calling' | 'done' | 'failed';
  readonly total: number;
  readonly ended: number;
  readonly callsNow: number;
  readonly groups: GroupCounts;
  /** Why nothing is called at the moment, or why the round failed; null: nothing to say. */
  readonly note: string | null;
};

export type RunProgress = {
  readonly rounds: readonly RoundProgress[];
  /** Presses by key over all rounds, in the order of the keys. */
  readonly keys: readonly (readonly [key: string, count: number])[];
  /** Callees of the first round who answered in some round. */
  readonly reached: number;
  readonly callees: number;
  readonly flowStatus: number;
  /** Reports that the customer has got. */
  readonly reported: number;
};

const noGroups: GroupCounts = { answered: 0, busy: 0, noAnswer: 0, declined: 0, unreachable: 0 };

/** What the call statuses (contract 10.1) are called here. */
export function groupOf(callStatus: number): CallGroup {
  switch (callStatus) {
    case 50:
    case 40:
      return 'answered';
    case 10:
      return 'busy';
    case 20:
      return 'noAnswer';
    case 30:
      return 'declined';
    default:
      return 'unreachable';
  }
}

/** Sums up what was read through the dialect, and how many reports have come. `rounds` are those that have a task; the flow's other nodes are planned ones. */
export function progressOf(callees: number, rounds: readonly RoundFacts[], flow: FlowFacts, reported = 0): RunProgress {
  const calls = rounds.flatMap((round) => round.calls);
  return {
    rounds: [null, ...flow.nodes].map((node, index) => {
      const facts = rounds.find((round) => round.ordinal === index + 1);
      return facts === undefined ? plannedRound(index + 1, node) : startedRound(facts);
    }),
    keys: keysOf(calls),
    reached: new Set(calls.filter((call) => call.callStatus === 50).map((call) => call.number)).size,
    callees,
    flowStatus: flow.status,
    reported,
  };
}

function plannedRound(ordinal: number, node: FlowFacts['nodes'][number] | null): RoundProgress {
  const state = node?.status === 4 ? 'failed' : node?.status === 2 ? 'done' : 'planned';
  const note = state === 'done' ? 'nobody left to call' : (node?.statusReason ?? null);
  return { ordinal, taskId: null, state, total: 0, ended: 0, callsNow: 0, groups: noGroups, note };
}

function startedRound(facts: RoundFacts): RoundProgress {
  const groups: Record<CallGroup, number> = { ...noGroups };
  for (const { callStatus } of facts.calls) if (callStatus !== null) groups[groupOf(callStatus)] += 1;
  const ended = facts.calls.filter((call) => call.isEnded).length;
  return {
    ordinal: facts.ordinal,
    taskId: facts.taskId,
    state: facts.taskStatus === 2 ? 'done' : facts.taskStatus === 3 ? 'failed' : 'calling',
    total: facts.calls.length,
    ended,
    callsNow: facts.calls.filter((call) => call.isOpen).length,
    groups,
    note: facts.waitingReason,
  };
}

function keysOf(calls: readonly CallFact[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { key } of calls) if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([left], [right]) => left.localeCompare(right));
}
