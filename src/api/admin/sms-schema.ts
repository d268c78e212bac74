import { type Static, Type } from 'typebox';
import { smsStates } from '../../domain/sms/message.ts';
import { closed, name, oneOf, orNull, pageQuerySchema, rowId, timestamp } from './schema.ts';
import { newSmppSettings, smppSettings, smppSettingsChange } from './smpp-schema.ts';

const httpSettings = {
  baseUrl: Type.String({
    maxLength: 500,
    pattern: '^https?://[^\\s]*[^\\s/]$',
    description: 'what /sendSms and /getReport follow, without a slash at its end',
    examples: ['https://api.example.com/v3'],
  }),
  appId: Type.String({ minLength: 1, maxLength: 64, description: 'the SMS application there' }),
  apiKey: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]+$' }),
  timeoutMs: Type.Integer({
    minimum: 1000,
    maximum: 60_000,
    default: 10_000,
    description: 'how long an answer may take; what was written by then and is not answered is never sent again',
  }),
  pollMs: Type.Integer({
    minimum: 500,
    maximum: 3_600_000,
    default: 10_000,
    description: 'how often the platform is asked what became of messages',
  }),
};
const apiSecret = Type.String({ minLength: 1, maxLength: 256, description: 'write-only; see hasApiSecret' });
const { timeoutMs, pollMs, ...neededOfHttp } = httpSettings;

/** Each kind's settings, by the name of the kind: to be made, to be changed, and as they are shown. */
const newHttp = Type.Object(
  { ...neededOfHttp, apiSecret, timeoutMs: Type.Optional(timeoutMs), pollMs: Type.Optional(pollMs) },
  closed,
);
const httpChange = Type.Partial(Type.Object({ ...httpSettings, apiSecret }), closed);
const shownHttp = Type.Object({ ...httpSettings, hasApiSecret: Type.Boolean() });
const newSmpp = Type.Object(newSmppSettings, closed);
const smppChange = Type.Object(smppSettingsChange, closed);
const shownSmpp = Type.Object({ ...smppSettings, hasPassword: Type.Boolean() });

const common = {
  senderId: orNull(
    Type.String({
      minLength: 1,
      maxLength: 32,
      description: 'shown for messages that name no sender; null: what the channel shows by itself',
    }),
  ),
  maxTps: Type.Integer({ minimum: 1, maximum: 10_000, default: 10, description: 'messages a second' }),
  validityS: Type.Integer({
    minimum: 60,
    maximum: 604_800,
    default: 86_400,
    description: 'how long a message may wait to be accepted, s',
  }),
  isEnabled: Type.Boolean({ default: true, description: 'false: messages wait, for as long as they are valid' }),
};

const kind = oneOf(
  ['smpp', 'http', 'outbox'],
  'smpp: a carrier; http: another platform that speaks the dialect; outbox: keeps what it gets, for trials',
);

export const newSmsChannelSchema = Type.Object(
  {
    name,
    kind,
    http: Type.Optional(newHttp),
    smpp: Type.Optional(newSmpp),
    ...Type.Partial(Type.Object(common)).properties,
  },
  { ...closed, description: 'with the settings of the kind under its name; an outbox has none' },
);
export type NewSmsChannelBody = Static<typeof newSmsChannelSchema>;

export const smsChannelChangeSchema = Type.Partial(
  Type.Object({ name, http: httpChange, smpp: smppChange, ...common }),
  closed,
);
export type SmsChannelChangeBody = Static<typeof smsChannelChangeSchema>;

export const smsChannelSchema = Type.Object({
  smsChannelId: rowId,
  name,
  kind,
  http: orNull(shownHttp),
  smpp: orNull(shownSmpp),
  ...common,
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type SmsChannelAnswer = Static<typeof smsChannelSchema>;

export const smsChannelStatusSchema = Type.Object({
  smsChannelId: rowId,
  name,
  isEnabled: Type.Boolean(),
  state: oneOf(['idle', 'connecting', 'up', 'down'], 'as the process that uses it sees it; idle: none does'),
  reason: orNull(Type.String({ description: 'why it is not up', examples: ['connect ECONNREFUSED 127.0.0.1:2775'] })),
  stateAt: orNull(timestamp),
  holderId: orNull(Type.String({ description: 'the api process that uses it' })),
  queueLength: Type.Integer({ description: 'messages whose time has come and that wait for it' }),
  oldestDueAt: orNull(timestamp),
  sendingCount: Type.Integer({ description: 'messages that were handed over and not answered yet' }),
  awaitedReceipts: Type.Integer({ description: 'accepted parts without a receipt yet' }),
});

export const smsTestSchema = Type.Object(
  {
    to: Type.String({ pattern: '^[0-9]{6,18}$', description: 'country code and number, digits only' }),
    text: Type.String({ minLength: 1, maxLength: 1000 }),
    senderId: Type.Optional(common.senderId),
  },
  closed,
);

const smsState = oneOf(smsStates, 'see docs/sms.md; delivered, failed and expired are final');
export const smsQuerySchema = Type.Object({
  ...pageQuerySchema.properties,
  smsChannelId: Type.Optional(rowId),
  taskId: Type.Optional(rowId),
  appId: Type.Optional(Type.String({ maxLength: 32 })),
  state: Type.Optional(smsState),
  number: Type.Optional(Type.String({ maxLength: 32 })),
});
export const msgIdParamsSchema = Type.Object({
  msgId: Type.String({ maxLength: 32, description: 'what sendSms answered, or a record has as smsMsgId' }),
});

export const smsMessageSchema = Type.Object({
  msgId: Type.String({ examples: ['2611260000000000042'] }),
  trigger: oneOf(
    ['success', 'feedback', 'failed', 'ring', 'request', 'test'],
    'what of its call made it, a client by sendSms, or the operator',
  ),
  accountId: orNull(rowId),
  appId: orNull(Type.String()),
  smsChannelId: orNull(rowId),
  call: orNull(Type.Object({ taskId: rowId, seq: Type.Integer() }, { description: 'the call that it follows' })),
  number: Type.String(),
  senderId: orNull(Type.String({ description: 'null: the channel’s' })),
  content: Type.String({ description: 'as it is sent: variables are filled' }),
  orderId: orNull(Type.String({ description: 'the client’s own id' })),
  state: smsState,
  dueAt: timestamp,
  attempt: Type.Integer({
    description: 'how often it was handed to the channel; more than once only after it was refused',
  }),
  providerIds: orNull(Type.Array(Type.String(), { description: 'the channel’s names for the SMS that it became' })),
  code: orNull(Type.String({ description: 'the channel’s code for the last refusal or failure' })),
  reason: orNull(Type.String({ description: 'why it was refused, failed, expired, or is in doubt' })),
  createdAt: timestamp,
  sentAt: orNull(timestamp),
  doneAt: orNull(timestamp),
});
