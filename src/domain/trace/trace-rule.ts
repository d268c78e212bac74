/** Which calls are traced: those that meet every condition that is not null, while the rule has not expired and has calls left. */
export type TraceRule = {
  readonly traceRuleId: number;
  readonly taskId: number | null;
  /** A call is traced from its first attempt over this trunk on. */
  readonly trunkId: number | null;
  /** The callee, as the task has it. */
  readonly number: string | null;
  readonly maxCalls: number;
  /** Traces written so far, over all processes. */
  readonly tracedCalls: number;
  /** Calls that fitted and have no trace, because of the bounds in memory or because it could not be written. */
  readonly lostCalls: number;
  readonly expiresAt: Date;
  readonly createdAt: Date;
};

export type NewTraceRule = Pick<TraceRule, 'taskId' | 'trunkId' | 'number' | 'maxCalls' | 'expiresAt'>;

/** What a rule is held against; `trunkId` null: no trunk was chosen yet. */
export type TraceCandidate = {
  readonly taskId: number;
  readonly number: string;
  readonly trunkId: number | null;
};

export function isWanted(rule: TraceRule, call: TraceCandidate): boolean {
  return (
    (rule.taskId === null || rule.taskId === call.taskId) &&
    (rule.trunkId === null || rule.trunkId === call.trunkId) &&
    (rule.number === null || rule.number === call.number)
  );
}
