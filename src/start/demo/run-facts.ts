import { DialectError } from './dialect-client.ts';

/** One callee in one round, as `group/call/records` has it. */
export type CallFact = {
  readonly number: string;
  readonly isEnded: boolean;
  /** A call is under way. */
  readonly isOpen: boolean;
  /** 10, 20, 30, 40, 50, 60; null: not ended. */
  readonly callStatus: number | null;
  /** The first key; null: none. */
  readonly key: string | null;
};

/** One task of the run: the parent (round 1) or a recall node's child. */
export type RoundFacts = {
  readonly ordinal: number;
  readonly taskId: number;
  /** Dialect status of the task (contract 4.0). */
  readonly taskStatus: number;
  readonly waitingReason: string | null;
  readonly calls: readonly CallFact[];
};

/** A recall node as `recallFlow/queryDetail` has it. */
export type NodeFacts = {
  readonly taskId: number | null;
  readonly status: number;
  readonly statusReason: string | null;
};

export type FlowFacts = { readonly status: number; readonly nodes: readonly NodeFacts[] };

/** Reads queryDetail's data. Throws {@link DialectError} where it is not what the contract says. */
export function readFlow(data: unknown): FlowFacts {
  const flow = objectOf(data, 'queryDetail');
  return {
    status: numberOf(flow, 'status'),
    nodes: listOf(flow, 'nodeList').map((entry) => {
      const node = objectOf(entry, 'queryDetail node');
      return {
        taskId: node.taskId === null ? null : numberOf(node, 'taskId'),
        status: numberOf(node, 'nodeStatus'),
        statusReason: textOrNull(node, 'statusReason'),
      };
    }),
  };
}

/** Reads one page of `group/call/records`. */
export function readCalls(data: unknown): { readonly calls: CallFact[]; readonly pages: number } {
  const page = objectOf(data, 'records');
  const calls = listOf(page, 'records').map((entry): CallFact => {
    const record = objectOf(entry, 'record');
    const state = textOrNull(record, 'state');
    const key = textOrNull(record, 'feedbackValue');
    return {
      number: String(record.callee),
      isEnded: state === 'ended',
      isOpen: state !== null && state !== 'ended',
      callStatus: typeof record.callStatus === 'number' ? record.callStatus : null,
      key: key === '-1' ? null : key,
    };
  });
  return { calls, pages: numberOf(page, 'pages') };
}

export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new DialectError(what, null, 'the answer is no object');
  return value as Record<string, unknown>;
}

export function numberOf(object: Record<string, unknown>, key: string): number {
  const value = Number(object[key]);
  if (object[key] === null || !Number.isFinite(value))
    throw new DialectError(key, null, 'the answer has no such number');
  return value;
}

export function textOrNull(object: Record<string, unknown>, key: string): string | null {
  const value = object[key];
  return value === null || value === undefined ? null : String(value);
}

function listOf(object: Record<string, unknown>, key: string): readonly unknown[] {
  const value = object[key];
  if (!Array.isArray(value)) throw new DialectError(key, null, 'the answer has no such list');
  return value;
}
