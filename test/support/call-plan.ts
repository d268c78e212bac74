import type { CallPlan } from '../../src/domain/task/submission.ts';

/** The part of a plan that most tests are not about: nobody listens for a machine. */
export const ignoringMachines: Pick<CallPlan, 'detectsMachine' | 'machineAction'> = {
  detectsMachine: false,
  machineAction: 1,
};
