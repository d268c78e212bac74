import { type Static, type TSchema, Type } from 'typebox';

export const timestamp = Type.String({ format: 'date-time' });
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
export const rowId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const name = Type.String({ minLength: 1, maxLength: 64 });
const language = Type.Union([Type.Literal('en'), Type.Literal('zh-CN')]);
const appKind = Type.Union([Type.Literal('voice'), Type.Literal('sms')]);

/** One of some words. */
export function oneOf<T extends string>(words: readonly T[], description?: string) {
  return Type.Unsafe<T>(Type.Enum([...words], description === undefined ? {} : { description }));
}

export const closed = { additionalProperties: false };

/** RFC 9457. `errors` points into the request body. */
export const problemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  /** The name of the error in our registry. */
  code: Type.Optional(Type.String()),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
});
export type Problem = Static<typeof problemSchema>;

export const pageQuerySchema = Type.Object({
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000, default: 1 })),
  pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
});
export type PageQuery = Static<typeof pageQuerySchema>;

export function pageSchema<T extends TSchema>(item: T) {
  return Type.Object({
    total: Type.Integer(),
    page: Type.Integer(),
    pageSize: Type.Integer(),
    items: Type.Array(item),
  });
}

export const idParamsSchema = Type.Object({
  id: Type.Integer({ ...rowId, description: 'as listings give it' }),
});

const accountSettings = {
  name,
  timeZone: Type.String({ minLength: 1, maxLength: 64, description: 'IANA name; times without zone are in it' }),
  language,
  ipAllowList: Type.Array(Type.String({ maxLength: 64 }), {
    maxItems: 1000,
    description: 'addresses or CIDR; empty: any',
  }),
  maxConcurrency: orNull(
    Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'calls at once; null: unlimited' }),
  ),
  recordingDays: Type.Integer({
    minimum: 1,
    maximum: 3650,
    description: 'how long recordings are kept, 60 unless given; a change holds for those that there are, too',
  }),
  speechProvider: oneOf(['espeak', 'google'], 'who speaks its texts; google needs CARILLON_GOOGLE_CREDENTIALS'),
  rateTableId: orNull(
    Type.Integer({
      ...rowId,
      description: 'what its calls cost; null: nothing. Of a prepaid account: one in the currency of its balance',
    }),
  ),
  requiresRate: Type.Boolean({ description: 'numbers without a rate are refused (-26) instead of called for nothing' }),
};
export const credentialsSchema = Type.Object(
  {
    apiKey: Type.String({ minLength: 4, maxLength: 64, pattern: '^[A-Za-z0-9]+$' }),
    apiSecret: Type.String({ minLength: 4, maxLength: 128, pattern: '^[A-Za-z0-9]+$' }),
  },
  closed,
);
export const accountSchema = Type.Object({
  accountId: rowId,
  ...accountSettings,
  apiKey: Type.String(),
  isEnabled: Type.Boolean(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export const createdAccountSchema = Type.Object({ ...accountSchema.properties, apiSecret: Type.String() });
export const newAccountSchema = Type.Object(
  { ...Type.Partial(Type.Object(accountSettings)).properties, name, credentials: Type.Optional(credentialsSchema) },
  closed,
);
export const accountChangeSchema = Type.Partial(Type.Object({ ...accountSettings, isEnabled: Type.Boolean() }), closed);

const appReports = {
  reportUrl: orNull(
    Type.String({
      minLength: 1,
      maxLength: 2000,
      description: 'where status reports of its calls are POSTed to; null: calls are not reported',
    }),
  ),
  hasReportBatches: Type.Boolean({
    description: 'a POST carries an array of up to 100 reports instead of one report as an object',
  }),
  isReportPaused: Type.Boolean({ description: 'reports wait, and new ones with them, until this is false again' }),
};
const appSms = {
  smsChannelId: orNull(
    Type.Integer({ ...rowId, description: 'what an app of kind sms sends over; null: it cannot send' }),
  ),
};
export const appSchema = Type.Object({
  appId: Type.String(),
  appSeq: rowId,
  accountId: rowId,
  name: Type.String(),
  kind: appKind,
  ...appReports,
  ...appSms,
  createdAt: timestamp,
});
export const newAppSchema = Type.Object(
  {
    accountId: rowId,
    name,
    kind: appKind,
    appId: Type.Optional(Type.String({ minLength: 4, maxLength: 32, pattern: '^[A-Za-z0-9]+$' })),
    ...Type.Partial(Type.Object({ ...appReports, ...appSms })).properties,
  },
  closed,
);
export const appChangeSchema = Type.Partial(Type.Object({ name, ...appReports, ...appSms }), closed);
export const appParamsSchema = Type.Object({
  appId: Type.String({ maxLength: 32, description: 'what clients send as appId' }),
});
export const reportSecretSchema = Type.Object({
  reportSecret: orNull(Type.String({ description: 'null: the app has never had a reportUrl' })),
});
export const appQuerySchema = Type.Object({ ...pageQuerySchema.properties, accountId: Type.Optional(rowId) });

const trunkState = oneOf(
  ['up', 'down', 'probing', 'unknown'],
  'up: calls can be made over it; down: no process can; probing: a few calls are to find out',
);
const trunkCircuit = Type.Object(
  {
    state: oneOf(['closed', 'open', 'probing', 'half_open']),
    since: timestamp,
    reason: orNull(Type.String({ description: 'the last failure; null: none since the last good call' })),
    nextTryAt: orNull(Type.String({ format: 'date-time', description: 'when an open circuit is looked at again' })),
    recentCalls: Type.Integer({ description: 'calls that ended within the last minute' }),
    recentFailures: Type.Integer({ description: 'how many of them failed because of the trunk' }),
  },
  { description: 'closed: calls go through; open: none do; half_open: a few do, to find out' },
);
export const trunkRegistration = Type.Object(
  {
    state: oneOf(['registering', 'registered', 'failed', 'unregistered']),
    reason: orNull(
      Type.String({ description: 'what came of the last try', examples: ['403 Forbidden from sip.example.com'] }),
    ),
    expiresAt: orNull(timestamp),
    nextTryAt: orNull(Type.String({ format: 'date-time', description: 'when the next REGISTER goes out' })),
  },
  { description: 'null: the trunk does not register' },
);
const trunkOptions = Type.Object(
  {
    status: orNull(
      Type.Integer({ description: 'SIP status; null: no answer. All but 408 and 503 mean that somebody is there' }),
    ),
    roundTripMs: orNull(Type.Integer()),
    at: timestamp,
  },
  { description: 'the last OPTIONS; null: none was sent' },
);
export const trunkStatusSchema = Type.Object({
  trunkId: rowId,
  name: Type.String(),
  isEnabled: Type.Boolean(),
  registers: Type.Boolean(),
  state: trunkState,
  reason: orNull(
    Type.String({
      description: 'why it is not up',
      examples: ['SIP 503 Service Unavailable', 'not registered: 403 Forbidden from sip.example.com'],
    }),
  ),
  activeCalls: Type.Integer(),
  maxChannels: Type.Integer(),
  maxCps: Type.Integer(),
  updatedAt: orNull(timestamp),
  processes: Type.Array(
    Type.Object({
      processId: Type.String(),
      state: Type.String(),
      reason: orNull(Type.String()),
      activeCalls: Type.Integer(),
      circuit: orNull(trunkCircuit),
      registration: orNull(trunkRegistration),
      options: orNull(trunkOptions),
      updatedAt: timestamp,
    }),
    { description: 'as each dialer process sees it' },
  ),
});

export const processSchema = Type.Object({
  processId: Type.String(),
  kind: Type.Union([Type.Literal('api'), Type.Literal('dialer')]),
  host: Type.String(),
  pid: Type.Integer(),
  status: Type.Union([Type.Literal('live'), Type.Literal('stopped'), Type.Literal('dead')]),
  startedAt: timestamp,
  heartbeatAt: timestamp,
  heartbeatAgeMs: Type.Integer(),
});

export const taskProgressSchema = Type.Object({
  taskId: rowId,
  accountId: rowId,
  taskName: Type.String(),
  status: Type.Integer({ minimum: 0, maximum: 6 }),
  statusName: Type.String(),
  isHidden: Type.Boolean({ description: 'it is a direct call: in no list unless that is asked for' }),
  statusReason: orNull(Type.String()),
  waitingReason: orNull(Type.String()),
  numberCount: Type.Integer(),
  calledCount: Type.Integer(),
  callsInProgress: Type.Integer(),
  endedCount: Type.Integer(),
  successCount: Type.Integer(),
  failCount: Type.Integer(),
  keyFeedbackCount: Type.Integer(),
  sourceTaskId: orNull(rowId),
  recallFlowId: orNull(rowId),
  sendTime: orNull(timestamp),
  createdAt: timestamp,
  finishedAt: orNull(timestamp),
});
export type TaskProgress = Static<typeof taskProgressSchema>;

export const statusQuerySchema = Type.Object({
  hidden: Type.Optional(
    Type.Boolean({
      description: 'whether running direct calls (sendGroup, sendCode, sendIvr) are listed as tasks too',
    }),
  ),
});

export const statusSchema = Type.Object({
  at: timestamp,
  callsInProgress: Type.Integer(),
  processes: Type.Array(processSchema),
  trunks: Type.Array(trunkStatusSchema),
  tasksByStatus: Type.Record(Type.String(), Type.Integer()),
  runningTasks: Type.Array(taskProgressSchema),
});
