import { Type } from 'typebox';
import type { Db } from '../../db/tables.ts';
import { errors } from '../../domain/error/registry.ts';
import type { SmsChannel, SmsChannelStatus } from '../../domain/sms/channel.ts';
import {
  createSmsChannel,
  deleteSmsChannel,
  getSmsChannel,
  listSmsChannels,
  readSmsChannelStatuses,
  updateSmsChannel,
} from '../../domain/sms/channel-store.ts';
import type { SmsMessage } from '../../domain/sms/message.ts';
import { getSms, listSms } from '../../domain/sms/query.ts';
import { submitSms } from '../../domain/sms/submit.ts';
import type { SmsChannelSettings } from '../../sms/channel-settings.ts';
import { completeSmppSettings } from '../../sms/smpp/smpp-settings.ts';
import type { AdminDeps, AdminInstance } from './admin-instance.ts';
import { pageOfList } from './paging.ts';
import { pageQuerySchema, pageSchema, idParamsSchema as params } from './schema.ts';
import * as schema from './sms-schema.ts';

const tags = ['SMS'];

/** /sms-channels and /sms-messages. Secrets can be written and never read; numbers and texts are shown in full. */
export function mountSms(instance: AdminInstance, deps: Pick<AdminDeps, 'db' | 'clock'>): void {
  mountChannels(instance, deps.db);
  mountUse(instance, deps);
}

function mountChannels(instance: AdminInstance, db: Db): void {
  instance.get(
    '/sms-channels',
    { schema: { tags, querystring: pageQuerySchema, response: { 200: pageSchema(schema.smsChannelSchema) } } },
    async (request) => pageOfList((await listSmsChannels(db)).map(channelAnswer), request.query),
  );
  instance.post(
    '/sms-channels',
    { schema: { tags, body: schema.newSmsChannelSchema, response: { 201: schema.smsChannelSchema } } },
    async (request, reply) => {
      const { kind: _, http: _http, smpp: _smpp, ...common } = request.body;
      const channel = await createSmsChannel(db, { ...common, settings: settingsOf(request.body) });
      return reply.code(201).send(channelAnswer(channel));
    },
  );
  instance.get(
    '/sms-channels/:id',
    { schema: { tags, params, response: { 200: schema.smsChannelSchema } } },
    async (request) => channelAnswer(await getSmsChannel(db, request.params.id)),
  );
  instance.patch(
    '/sms-channels/:id',
    { schema: { tags, params, body: schema.smsChannelChangeSchema, response: { 200: schema.smsChannelSchema } } },
    async (request) => {
      const { http, smpp, ...common } = request.body;
      requireKind((await getSmsChannel(db, request.params.id)).settings.kind, { http, smpp });
      requireUrl(http?.baseUrl);
      return channelAnswer(await updateSmsChannel(db, request.params.id, { ...common, settings: http ?? smpp }));
    },
  );
  instance.delete(
    '/sms-channels/:id',
    { schema: { tags, params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      await deleteSmsChannel(db, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function mountUse(instance: AdminInstance, { db, clock }: Pick<AdminDeps, 'db' | 'clock'>): void {
  instance.get(
    '/sms-channels/:id/status',
    { schema: { tags, params, response: { 200: schema.smsChannelStatusSchema } } },
    async (request) => {
      const [status] = await readSmsChannelStatuses(db, request.params.id);
      if (status === undefined) throw errors.unknownEntry('SMS channel', request.params.id);
      return statusAnswer(status);
    },
  );
  instance.post(
    '/sms-channels/:id/test',
    {
      schema: {
        tags,
        description: 'Sends a message of the operator; what becomes of it is at /sms-messages/{msgId}.',
        params,
        body: schema.smsTestSchema,
        response: { 201: schema.smsMessageSchema },
      },
    },
    async (request, reply) => {
      const { smsChannelId } = await getSmsChannel(db, request.params.id);
      const { to, text: content, senderId = null } = request.body;
      const recipients = [{ number: to, orderId: null }];
      const submission = { sender: null, smsChannelId, content, senderId, recipients };
      const [submitted] = await submitSms(db, submission, new Date(clock.now()));
      return reply.code(201).send(messageAnswer(await getSms(db, submitted?.msgId ?? '')));
    },
  );
  instance.get(
    '/sms-channel-status',
    { schema: { tags, response: { 200: Type.Array(schema.smsChannelStatusSchema) } } },
    async () => (await readSmsChannelStatuses(db, null)).map(statusAnswer),
  );
  instance.get(
    '/sms-messages',
    { schema: { tags, querystring: schema.smsQuerySchema, response: { 200: pageSchema(schema.smsMessageSchema) } } },
    async ({ query: { page = 1, pageSize = 50, ...filter } }) => {
      const { total, items } = await listSms(db, filter, { limit: pageSize, offset: (page - 1) * pageSize });
      return { total, page, pageSize, items: items.map(messageAnswer) };
    },
  );
  instance.get(
    '/sms-messages/:msgId',
    { schema: { tags, params: schema.msgIdParamsSchema, response: { 200: schema.smsMessageSchema } } },
    async (request) => messageAnswer(await getSms(db, request.params.msgId)),
  );
}

/** What the kind needs must be there. */
function settingsOf({ kind, http, smpp }: schema.NewSmsChannelBody): SmsChannelSettings {
  requireKind(kind, { http, smpp });
  switch (kind) {
    case 'outbox':
      return { kind };
    case 'http':
      if (http === undefined) throw errors.badParameter('http', 'is required for a channel of kind http');
      requireUrl(http.baseUrl);
      return { kind, timeoutMs: 10_000, pollMs: 10_000, ...http };
    case 'smpp':
      if (smpp === undefined) throw errors.badParameter('smpp', 'is required for a channel of kind smpp');
      return { kind, ...smpp };
  }
}

/** Settings of another kind would do nothing. */
function requireKind(kind: SmsChannelSettings['kind'], given: Readonly<Record<string, object | undefined>>): void {
  for (const [name, settings] of Object.entries(given)) {
    if (settings !== undefined && name !== kind) throw errors.badParameter(name, `the channel is of kind ${kind}`);
  }
}

/** What would be shown with the address, or stand between it and the name of an endpoint, is none of it. */
function requireUrl(baseUrl: string | undefined): void {
  if (baseUrl === undefined) return;
  const url = URL.parse(baseUrl);
  if (url === null) throw errors.badParameter('http.baseUrl', 'is no URL');
  if (url.username !== '' || url.password !== '') {
    throw errors.badParameter('http.baseUrl', 'must not hold a user name or password');
  }
  if (/[?#]/.test(baseUrl)) throw errors.badParameter('http.baseUrl', 'must not have a query or a fragment');
}

function channelAnswer({ settings, createdAt, updatedAt, ...channel }: SmsChannel): schema.SmsChannelAnswer {
  return {
    ...channel,
    kind: settings.kind,
    http: settings.kind === 'http' ? shownHttp(settings) : null,
    smpp: settings.kind === 'smpp' ? shownSmpp(settings) : null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function shownHttp({ kind: _, apiSecret, ...readable }: Extract<SmsChannelSettings, { kind: 'http' }>) {
  return { ...readable, hasApiSecret: apiSecret !== '' };
}

function shownSmpp({ kind: _, ...settings }: Extract<SmsChannelSettings, { kind: 'smpp' }>) {
  const { password, ...readable } = completeSmppSettings(settings);
  return { ...readable, hasPassword: password !== '' };
}

function statusAnswer({ stateAt, oldestDueAt, ...status }: SmsChannelStatus) {
  return { ...status, stateAt: stateAt?.toISOString() ?? null, oldestDueAt: oldestDueAt?.toISOString() ?? null };
}

function messageAnswer(message: SmsMessage) {
  return {
    ...message,
    providerIds: message.providerIds && [...message.providerIds],
    dueAt: message.dueAt.toISOString(),
    createdAt: message.createdAt.toISOString(),
    sentAt: message.sentAt?.toISOString() ?? null,
    doneAt: message.doneAt?.toISOString() ?? null,
  };
}
