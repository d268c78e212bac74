import { type Static, Type } from 'typebox';
import { closed, oneOf, orNull, pageQuerySchema, rowId, timestamp } from './schema.ts';

const state = oneOf(
  ['pending', 'retrying', 'delivered', 'dead'],
  'pending: due at once; retrying: a try has failed; dead: nine have, or its receiver was down as long as they take; it rests until it is replayed',
);

const trySchema = Type.Object({
  deliveryId: Type.String({ description: 'the Carillon-Delivery of the POST, the same for all reports of a batch' }),
  triedAt: timestamp,
  tookMs: Type.Integer(),
  httpStatus: orNull(Type.Integer({ description: 'of the answer; null: there was none' })),
  problem: orNull(Type.String({ description: 'why it was not delivered; null: it was' })),
  processId: Type.String(),
});

export const reportSchema = Type.Object({
  voiceId: Type.String({ description: 'of the call' }),
  taskId: rowId,
  seq: Type.Integer(),
  appId: Type.String(),
  state,
  tries: Type.Integer({ description: 'failed ones since it was made or replayed' }),
  madeAt: Type.String({ format: 'date-time', description: "the call's end" }),
  dueAt: orNull(Type.String({ format: 'date-time', description: 'when it is tried next; null: it is settled' })),
  lastTry: orNull(trySchema),
});

export const reportWithTriesSchema = Type.Object({
  ...reportSchema.properties,
  allTries: Type.Array(trySchema, { description: 'the oldest first' }),
});

export const taskReportsQuerySchema = Type.Object({ ...pageQuerySchema.properties, state: Type.Optional(state) });
export const appReportsQuerySchema = Type.Object({
  ...pageQuerySchema.properties,
  state: oneOf(['pending', 'retrying', 'dead'], 'those that were delivered are listed by task'),
});

export const reportCountsSchema = Type.Object({
  pending: Type.Integer(),
  retrying: Type.Integer(),
  dead: Type.Integer(),
  deliveredOfLastDay: Type.Integer({ description: 'of calls that ended within the last 24 hours' }),
  oldestDueAt: orNull(
    Type.String({ format: 'date-time', description: 'since when the oldest that is due waits; null: none is' }),
  ),
});

export const replaySchema = Type.Object(
  {
    voiceIds: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 1000 })),
    taskId: Type.Optional(rowId),
    appId: Type.Optional(
      Type.String({ maxLength: 32, description: 'with from and to: of calls that ended between them' }),
    ),
    from: Type.Optional(timestamp),
    to: Type.Optional(timestamp),
    states: Type.Optional(
      Type.Array(oneOf(['delivered', 'dead', 'retrying']), {
        minItems: 1,
        description: 'of those, what is in one of these states; all unless given. Pending ones are due anyway',
      }),
    ),
    before: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'to go on with a replay that was not complete: what that answered',
      }),
    ),
  },
  closed,
);
export type ReplayBody = Static<typeof replaySchema>;

export const replayAnswerSchema = Type.Object({
  requested: Type.Integer({ description: 'how many are due again now, by this request' }),
  isComplete: Type.Boolean({ description: 'false: there are more; send the same again with before' }),
  before: timestamp,
});

export const reportTestSchema = Type.Object({
  isDelivered: Type.Boolean(),
  tookMs: Type.Integer(),
  httpStatus: orNull(Type.Integer()),
  problem: orNull(Type.String()),
});
