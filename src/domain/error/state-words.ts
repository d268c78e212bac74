import type { RecallStatus } from '../recall/status.ts';
import type { TaskStatus } from '../task/status.ts';
import type { LocalText } from './request-error.ts';

/** A task and the state that it is in, to be named in a message. */
export type TaskInState = { readonly taskId: number; readonly status: TaskStatus };

/** Task states in words (contract 4.0). */
export const taskStateWords: Record<TaskStatus, LocalText> = {
  0: { en: 'waiting', zhCN: '等待提交' },
  1: { en: 'calling', zhCN: '呼叫中' },
  2: { en: 'finished', zhCN: '已完成' },
  3: { en: 'failed at submission', zhCN: '提交失败' },
  4: { en: 'cancelled', zhCN: '已取消' },
  5: { en: 'suspended', zhCN: '已暂停' },
  6: { en: 'being submitted', zhCN: '提交中' },
};

/** Recall flow and node states in words (contract 5.1). */
export const recallStateWords: Record<RecallStatus, LocalText> = {
  0: { en: 'pending', zhCN: '待执行' },
  1: { en: 'in progress', zhCN: '执行中' },
  2: { en: 'completed', zhCN: '已执行完成' },
  3: { en: 'cancelled', zhCN: '已取消' },
  4: { en: 'stopped by an exception', zhCN: '执行异常' },
};
