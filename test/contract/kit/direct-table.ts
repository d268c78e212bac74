import { listOf, nullable, object, type Shape, text } from './answer-shape.ts';
import { digitsField, integerField, optional, textField } from './request-field.ts';
import type { FieldTable } from './task-table.ts';

/** What sendGroup and sendCode have in common (contract 6.1, 6.2). A direct call is in no list, so what it was sent with is not shown. */
export const directCallFields: FieldTable = {
  displayNum: optional(digitsField({ min: 7, max: 15 })),
  maxDuration: optional(integerField({ min: 1, max: 120 })),
  maxRingingTime: optional(integerField({ min: 20, max: 120 })),
  loopCount: optional(integerField({ min: 1, max: 9 })),
  calledInfo: optional(textField({ min: 0, max: 1000 })),
};

/** What becomes of each number of sendGroup and sendIvr; one that is not called has no voice id. */
export const directResultsShape: Shape = listOf(
  object({
    voiceId: nullable(text(/./)),
    callee: text(),
    terminationCode: text(/^(0|-\d+)$/),
    terminationReason: text(/./),
  }),
);
