import type { CallMachine } from '../call/call-machine.ts';
import type { LegEnd } from '../call/engine.ts';
import type { ScriptPlan, ScriptState } from '../call/script.ts';
import type { CallPlan } from '../domain/task/submission.ts';

/** What a task's plan asks of the script. */
export function scriptPlanOf(plan: CallPlan): ScriptPlan {
  return {
    delayPlayMs: plan.delayPlayS * 1000,
    loopCount: plan.loopCount,
    delayHangupMs: plan.delayHangupS * 1000,
    maxCallMs: plan.maxCallS * 1000,
    onMachine: onMachine(plan),
  };
}

function onMachine({ detectsMachine, machineAction }: CallPlan): ScriptPlan['onMachine'] {
  if (!detectsMachine) return 'ignore';
  switch (machineAction) {
    case 1:
      return 'hang-up';
    case 2:
      return 'leave-message';
  }
}

/** Who answered, for the record: what the leg heard, what the network said before, and what the script did about it. Null: nobody listened, or nothing was heard. */
export function machineRecordOf(end: LegEnd, script: ScriptState): CallMachine | null {
  const early = end.earlyTone === null ? null : { earlyTone: end.earlyTone };
  const heard =
    end.machine ?? (early === null ? null : ({ result: 'unsure', evidence: {}, decidedAfterMs: 0 } as const));
  if (heard === null) return null;
  const done = script.machineDone === null ? null : { done: script.machineDone };
  return { ...heard, evidence: { ...heard.evidence, ...early, ...done } };
}
