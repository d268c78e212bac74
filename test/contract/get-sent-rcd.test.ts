import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { at, type Json, listAt } from '../support/json.ts';
import { conforms } from './kit/conforms.ts';
import type { Endpoint } from './kit/endpoint.ts';
import { accepted, type Case, refused } from './kit/field-case.ts';
import { type Fields, queryOf, withField } from './kit/json-path.ts';
import { integerField, knownField, optional, required, sample } from './kit/request-field.ts';
import { serverUnderTest } from './kit/server-under-test.ts';
import { sentRecordShape } from './kit/sms-answer-shape.ts';
import { askSms, sendSms, smsAppIdOf, smsEndpoint, whyNoSms } from './kit/sms-client.ts';

/** The messages of a period, by GET and, as one client asks, by POST (docs/sms-dialect.md). */
const server = serverUnderTest();
const start = Date.now();
let whyNot: string | null = null;
let msgIds: readonly Json[] = [];
before(async () => {
  whyNot = await whyNoSms(server, '/v3/getSentRcd');
  if (whyNot !== null) return;
  const sent = await sendSms(server, { numbers: `${server.settings.smsNumber},${server.settings.smsNumber}` });
  msgIds = listAt(sent, 'array').map((entry) => at(entry, 'msgId'));
});

const appId = (): string => smsAppIdOf(server);
const day = 86_400;

/** A time so many seconds after the start of the suite, on the clock of a zone. */
function timeAt(seconds: number, zone: '+00:00' | '+08:00' = '+00:00'): string {
  const wall = start + seconds * 1000 + (zone === '+08:00' ? 8 * 3_600_000 : 0);
  return new Date(wall).toISOString().replace(/\.\d+Z$/, zone);
}

const span = (from: number, to: number): Fields => ({ startTime: timeAt(from), endTime: timeAt(to) });
const valid = (): Fields => ({ appId: appId(), ...span(-day, day) });
const set =
  (fields: Fields): Case['change'] =>
  (request) =>
    Object.entries(fields).reduce((body, [name, value]) => withField(body, name, value), request);

const notTimes = ['yesterday', '2021-02-30T00:00:00+08:00', '2021-02-12T24:00:00+08:00', '1613059200000'];

const described = {
  ...smsEndpoint,
  name: 'getSentRcd',
  section: 'docs/sms-dialect.md: getSentRcd',
  whyNot: () => whyNot,
  data: sentRecordShape,
  codes: [0, -1, -2, -11, -16, -18, -19, -22, -25],
  notProvoked: { [-19]: 'reading needs no channel' },
  cases: () => [
    ...['startTime', 'endTime'].flatMap((name) =>
      notTimes.map((time) => ({
        title: `${name} ${time}`,
        change: set({ [name]: time }),
        expects: refused(-11, name),
      })),
    ),
    { title: 'another zone', change: set({ startTime: timeAt(-day, '+08:00') }), expects: accepted() },
    { title: 'an end before the start', change: set(span(day, day - 1)), expects: refused(-11, 'endTime') },
    { title: 'one second', change: set(span(0, 0)), expects: accepted() },
    { title: '31 days', change: set(span(-30 * day, day)), expects: accepted() },
    { title: '31 days and a second', change: set(span(-30 * day - 1, day)), expects: refused(-25, /endTime.*31/) },
    { title: 'an index beyond the end', change: set({ startIndex: 1_000_000 }), expects: accepted() },
  ],
} satisfies Partial<Endpoint>;

const time = (seconds: number, bad?: readonly []) => required(knownField(() => timeAt(seconds), bad));
/** In a query everything is text. */
const startIndex = {
  good: integerField({ min: 0 }).good,
  bad: [sample(-1, '-1'), sample(1.5, 'a fraction'), sample('abc', 'letters'), sample(true, 'a boolean')],
};

conforms(server, {
  ...described,
  method: 'GET',
  path: (request) => `/getSentRcd?${queryOf(request)}`,
  variants: [
    {
      title: 'a period',
      valid,
      fields: {
        appId: required(knownField(appId, [])),
        ...{ startTime: time(-day, []), endTime: time(day, []), startIndex: optional(startIndex) },
      },
    },
  ],
});

conforms(server, {
  ...described,
  method: 'POST',
  variants: [
    {
      title: 'a period',
      valid,
      fields: {
        appId: required(knownField(appId)),
        ...{ startTime: time(-day), endTime: time(day), startIndex: optional(integerField({ min: 0 })) },
      },
    },
  ],
});

async function entriesOf(query: URLSearchParams | string): Promise<readonly Json[]> {
  const { json = null } = await askSms(server, `/v3/getSentRcd?${query}`);
  const entries = listAt(json, 'array');
  const having = (status: string): string => String(entries.filter((entry) => at(entry, 'status') === status).length);
  assert.deepEqual([at(json, 'success'), at(json, 'fail')], [having('0'), having('2')]);
  return entries;
}

const idsOf = (entries: readonly Json[]): readonly Json[] => entries.map((entry) => at(entry, 'msgId'));

test('a period has every message once, and startIndex leaves out the first ones', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const ids = idsOf(await entriesOf(queryOf(valid())));
  for (const msgId of msgIds) assert.equal(ids.filter((id) => id === msgId).length, 1, `${msgId} in ${ids.join()}`);
  // Other files of the suite send on, which is at the end.
  const rest = idsOf(await entriesOf(queryOf({ ...valid(), startIndex: 1 })));
  assert.deepEqual(rest.slice(0, ids.length - 1), ids.slice(1));
});

test('another period has none of them', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const ids = idsOf(await entriesOf(queryOf({ ...valid(), ...span(-2 * day, -day) })));
  assert.ok(!msgIds.some((msgId) => ids.includes(msgId)));
});

test('a plus that was not encoded is understood', async (context) => {
  if (whyNot !== null) return context.skip(whyNot);
  const query = `appId=${appId()}&startTime=${timeAt(-day, '+08:00')}&endTime=${timeAt(day, '+08:00')}`;
  const ids = idsOf(await entriesOf(query));
  assert.ok(msgIds.every((msgId) => ids.includes(msgId)));
});
