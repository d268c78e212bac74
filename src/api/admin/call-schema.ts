import { type Static, Type } from 'typebox';
import { closed, oneOf, orNull, pageQuerySchema, rowId, timestamp } from './schema.ts';

const callState = oneOf(['dialing', 'ringing', 'answered', 'ended']);
const callStatus = Type.Integer({
  enum: [10, 20, 30, 40, 50, 60],
  description:
    '50 connected, 40 voicemail, 10 busy, 20 no answer, 30 rang and ended otherwise, 60 anything before ringing',
});

export const callParamsSchema = Type.Object({
  id: Type.Integer({ ...rowId, description: 'the task' }),
  seq: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'which of its callees, from 1' }),
});

export const callQuerySchema = Type.Object({
  ...pageQuerySchema.properties,
  state: Type.Optional(callState),
  callStatus: Type.Optional(callStatus),
  number: Type.Optional(Type.String({ maxLength: 32, description: 'the callee, as the task has it' })),
});

const percent = Type.Number({ minimum: 0, maximum: 100 });
const milliseconds = Type.Number({ minimum: 0 });
const mos = Type.Number({ minimum: 1, maximum: 4.5, description: 'an estimate of the mean opinion score (E-model)' });

const mediaSchema = Type.Object({
  codec: Type.String({ description: 'what was sent last' }),
  packetsSent: Type.Integer(),
  packetsReceived: Type.Integer(),
  packetsLost: Type.Integer({ description: "of the callee's packets, by their sequence numbers" }),
  lossPercent: percent,
  jitterMs: milliseconds,
  roundTripMs: orNull({ ...milliseconds, description: 'the latest by RTCP; null: the far side sent no report' }),
  mos: orNull({ ...mos, description: 'of what we heard, estimated (E-model); null: nothing came' }),
  farSide: orNull(
    Type.Object(
      { packetsLost: Type.Integer(), lossPercent: percent, jitterMs: milliseconds, mos },
      { description: 'what the far side reported of our audio (RTCP); null: nothing' },
    ),
  ),
});

const machineSchema = Type.Object({
  result: oneOf(['person', 'machine', 'unsure']),
  evidence: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
    description: 'what the result rests on; times in ms',
  }),
  decidedAfterMs: Type.Integer({ description: 'from the answer' }),
});

export const callSchema = Type.Object({
  taskId: rowId,
  seq: Type.Integer(),
  voiceId: Type.String({ description: 'what the account knows the call by' }),
  number: Type.String({ description: 'the callee' }),
  displayNum: orNull(Type.String()),
  state: callState,
  processId: Type.String({ description: 'the dialer process that made the call' }),
  trunkId: orNull(Type.Integer({ description: 'of the last attempt' })),
  trunkName: orNull(Type.String({ description: 'null: none, or it was deleted' })),
  attempt: Type.Integer({ description: 'the last attempt, from 1: each is one INVITE over one trunk' }),
  claimedAt: timestamp,
  invitedAt: orNull(timestamp),
  ringingAt: orNull(timestamp),
  answeredAt: orNull(timestamp),
  endedAt: orNull(timestamp),
  ringDurationS: Type.Integer(),
  callDurationS: Type.Integer({ description: 'from answer to hang-up, rounded up' }),
  outcomeClass: orNull(oneOf(['success', 'callee', 'trunk', 'platform', 'indeterminate'])),
  callStatus: orNull(callStatus),
  terminationCode: orNull(Type.String({ description: '0, the final SIP status, or a code of our own above 1000' })),
  terminationReason: orNull(Type.String()),
  sipStatus: orNull(Type.Integer()),
  q850Cause: orNull(Type.Integer({ description: 'the ITU-T Q.850 cause that the far side gave' })),
  endReason: orNull(Type.String({ description: 'its own words beside that cause' })),
  recording: orNull(
    Type.Object(
      {
        state: oneOf(['waiting', 'stored', 'lost', 'deleted']),
        fileId: orNull(Type.String({ description: 'what the account fetches it by; null unless it is stored' })),
        problem: orNull(Type.String({ description: 'why it is lost, or what is wrong with what is stored' })),
        durationMs: orNull(Type.Integer()),
      },
      { description: 'null: the call was not answered, or its task does not record' },
    ),
  ),
  chargedDurationS: orNull(
    Type.Integer({ description: 'what was charged for, by the bill period; null until the call has ended' }),
  ),
  cost: orNull(Type.String({ description: "exact decimal in the rate's currency; null until the call has ended" })),
  baseCost: orNull(Type.String({ description: 'the same in US dollars' })),
  rate: orNull(
    Type.Object(
      {
        code: Type.String({ description: 'area and operator' }),
        billPeriod: Type.String(),
        rate: Type.String({ description: 'for a minute' }),
        currency: Type.String(),
        quoteExchange: Type.String({ description: 'US dollars for one unit of the currency' }),
      },
      { description: 'that of the claim; null: none held' },
    ),
  ),
  digits: orNull(Type.String({ description: 'all keys pressed, in order' })),
  media: orNull({ ...mediaSchema, description: 'how the audio went; null: no answer, or its process died' }),
  machine: orNull({
    ...machineSchema,
    description:
      'who answered, or, without an answer, the tones heard before it (`unsure`, `earlyTone`); null: nobody listened, or nothing was heard',
  }),
  hasTrace: Type.Boolean({ description: 'whether .../trace has something' }),
});
export type CallAnswer = Static<typeof callSchema>;

const address = Type.Object({ address: Type.String(), port: Type.Integer() });
const traceEvent = Type.Object({
  type: oneOf(['message', 'note']),
  at: Type.String({ description: 'ISO 8601 with microseconds' }),
  atUs: Type.Integer({ description: 'microseconds from startedAt' }),
  kind: Type.Optional(oneOf(['trunk', 'hop', 'media', 'digit', 'ignored', 'call'])),
  direction: Type.Optional(oneOf(['sent', 'received'])),
  transport: Type.Optional(oneOf(['udp', 'tcp', 'tls'])),
  local: Type.Optional(address),
  remote: Type.Optional(address),
  isAgain: Type.Optional(Type.Boolean({ description: 'the same bytes as before: a retransmission' })),
  summary: Type.Optional(Type.String({ description: 'of a message: its method, or status and reason' })),
  text: Type.String({ description: 'of a message: all of it, with secrets replaced' }),
});
export type TraceEventAnswer = Static<typeof traceEvent>;

export const traceSchema = Type.Object({
  taskId: rowId,
  seq: Type.Integer(),
  processId: Type.String(),
  startedAt: timestamp,
  droppedEvents: Type.Integer({ description: 'messages and notes over the bounds of a trace' }),
  events: Type.Array(traceEvent),
});
export type TraceAnswer = Static<typeof traceSchema>;

const conditions = {
  taskId: orNull(rowId),
  trunkId: orNull(rowId),
  number: orNull(Type.String({ pattern: '^[0-9]{1,20}$', description: 'the callee, as the task has it' })),
};
const maxCalls = Type.Integer({ minimum: 1, maximum: 10_000 });

export const newTraceRuleSchema = Type.Object(
  {
    ...Type.Partial(Type.Object(conditions)).properties,
    maxCalls: Type.Optional(Type.Integer({ ...maxCalls, default: 10, description: 'calls to trace at most' })),
    expiresAt: Type.Optional(
      Type.String({ format: 'date-time', description: 'default: in an hour; at most 7 days from now' }),
    ),
  },
  { ...closed, description: 'a call is traced when it meets every condition that is given; none: every call' },
);

export const traceRuleSchema = Type.Object({
  traceRuleId: rowId,
  ...conditions,
  maxCalls,
  tracedCalls: Type.Integer({ description: 'traces written' }),
  lostCalls: Type.Integer({ description: 'calls that fitted, but whose trace could not be kept' }),
  expiresAt: timestamp,
  isActive: Type.Boolean(),
  createdAt: timestamp,
});
