import { type RecallStatus, recallStatus as s } from './status.ts';

/**
 * The states of a recall flow and its nodes (rounds), moved together because the flow's state follows from its nodes'.
 *
 *   node:  pending 0 --started--> in progress 1 --finished--> completed 2
 *             |  |  \                |      \
 *             |  |   +--empty--------|-------|---------------> completed 2
 *             |  +--failed-----------+-------|--failed-------> execution exception 4
 *             +--cancelled by client, or by what went before-> cancelled 3   (in progress too: its task was cancelled)
 *
 *   flow:  pending 0 --first round started--> in progress 1 --nothing left to run--> completed 2
 *             |                                |
 *             +--cancelled, parent cancelled---+--a round's task cancelled---------> cancelled 3
 *             +--a round cannot run------------+-----------------------------------> execution exception 4
 *
 * Flow pending: no round has started; the parent may still be running, or have finished and round 1 be due. The only state in which the
 * flow may be changed or cancelled as a whole.
 * Flow in progress: a round has started. At most one round runs at a time; between rounds the next one is due.
 * Flow completed: the last round that was to run has ended. Rounds cancelled before that do not change it, so a flow of three
 * rounds whose third was cancelled ends as completed.
 * Flow cancelled: the client ended it before its rounds were done. Execution exception: a round could not run.
 * In every final state of the flow no node is pending: rounds that will not run any more are cancelled, or completed when nobody was left.
 */
export type RecallState = {
  readonly flow: RecallStatus;
  /** By round; round 1 is index 0. */
  readonly nodes: readonly RecallStatus[];
};

export type RecallInput =
  | { readonly type: 'parent-finished' }
  | { readonly type: 'parent-cancelled' }
  | { readonly type: 'parent-failed' }
  /** The round's task exists. */
  | { readonly type: 'round-started'; readonly round: number }
  /** The round before left nobody to call. */
  | { readonly type: 'round-empty'; readonly round: number }
  /** The round's task could not be made, or not be prepared. */
  | { readonly type: 'round-failed'; readonly round: number }
  | { readonly type: 'round-finished'; readonly round: number }
  | { readonly type: 'round-cancelled'; readonly round: number }
  /** Contract 5.3, types 1 and 2. */
  | { readonly type: 'cancel-flow' }
  /** Contract 5.3, type 3: this round and the following ones. */
  | { readonly type: 'cancel-round'; readonly round: number };

export type RecallStep = RecallState & {
  /** The round that becomes due one interval from now; null: none. */
  readonly nextRound: number | null;
};

/** The step on `input`; null: it does not apply in this state, which refuses a client's request and makes a repeated job do nothing. */
export function stepRecall(state: RecallState, input: RecallInput): RecallStep | null {
  switch (input.type) {
    case 'parent-finished':
      return state.flow === s.pending && state.nodes[0] === s.pending ? { ...state, nextRound: 1 } : null;
    case 'parent-cancelled':
    case 'cancel-flow':
      return state.flow === s.pending ? ended(s.cancelled, closeFrom(state.nodes, 1, s.cancelled)) : null;
    case 'parent-failed':
      return state.flow === s.pending ? ended(s.exception, closeFrom(state.nodes, 1, s.cancelled)) : null;
    case 'cancel-round':
      return isOpen(state) && nodeOf(state, input.round) === s.pending ? cancelFrom(state, input.round) : null;
    default:
      return stepRound(state, input);
  }
}

type RoundInput = Extract<RecallInput, { readonly type: `round-${string}` }>;

function stepRound(state: RecallState, input: RoundInput): RecallStep | null {
  const { round } = input;
  const node = nodeOf(state, round);
  if (!isOpen(state)) return null;
  switch (input.type) {
    case 'round-started':
      if (!isNext(state, round)) return null;
      return { flow: s.inProgress, nodes: withNode(state.nodes, round, s.inProgress), nextRound: null };
    case 'round-empty':
      return isNext(state, round) ? ended(s.completed, closeFrom(state.nodes, round, s.completed)) : null;
    case 'round-failed': {
      if (!isNext(state, round) && node !== s.inProgress) return null;
      const nodes = withNode(state.nodes, round, s.exception);
      return ended(s.exception, closeFrom(nodes, round + 1, s.cancelled));
    }
    case 'round-finished': {
      if (node !== s.inProgress) return null;
      const nodes = withNode(state.nodes, round, s.completed);
      if (nodes[round] === s.pending) return { flow: s.inProgress, nodes, nextRound: round + 1 };
      return ended(s.completed, nodes);
    }
    case 'round-cancelled': {
      if (node !== s.inProgress) return null;
      const nodes = withNode(state.nodes, round, s.cancelled);
      return ended(s.cancelled, closeFrom(nodes, round + 1, s.cancelled));
    }
  }
}

/** The flow goes on with what is left; nothing left: it is completed if any round was carried out, and cancelled if none was. */
function cancelFrom(state: RecallState, round: number): RecallStep {
  const nodes = closeFrom(state.nodes, round, s.cancelled);
  if (nodes.includes(s.inProgress) || nodes.includes(s.pending)) return { flow: state.flow, nodes, nextRound: null };
  return ended(nodes.includes(s.completed) ? s.completed : s.cancelled, nodes);
}

/** Whether the round is pending and all before it are completed. */
function isNext(state: RecallState, round: number): boolean {
  return nodeOf(state, round) === s.pending && state.nodes.slice(0, round - 1).every((node) => node === s.completed);
}

function isOpen(state: RecallState): boolean {
  return state.flow === s.pending || state.flow === s.inProgress;
}

function nodeOf(state: RecallState, round: number): RecallStatus | undefined {
  return state.nodes[round - 1];
}

function withNode(nodes: readonly RecallStatus[], round: number, status: RecallStatus): RecallStatus[] {
  return nodes.map((node, index) => (index === round - 1 ? status : node));
}

/** Pending rounds from `round` on get `status`. */
function closeFrom(nodes: readonly RecallStatus[], round: number, status: RecallStatus): RecallStatus[] {
  return nodes.map((node, index) => (index >= round - 1 && node === s.pending ? status : node));
}

function ended(flow: RecallStatus, nodes: readonly RecallStatus[]): RecallStep {
  return { flow, nodes, nextRound: null };
}
