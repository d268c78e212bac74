import { type Json, textAt } from '../../support/json.ts';
import { type Answer, usualLiterals } from './answer.ts';
import { type Case, refused } from './field-case.ts';
import { type Fields, withField } from './json-path.ts';
import { type ServerUnderTest, signed } from './server-under-test.ts';
import { variables } from './settings.ts';

/** What the SMS endpoints have in common (docs/sms-dialect.md): they are not below `/voice`, and they answer without `data`. */
export const smsEndpoint = {
  base: '',
  otherRoots: ['/sms', ''],
  isFlat: true,
  literals: usualLiterals,
  bodyLimitMiB: 1,
} as const;

/** Why an SMS endpoint cannot be tested on this server; null: it can. Opens the server. */
export async function whyNoSms(server: ServerUnderTest, path: string): Promise<string | null> {
  await server.open();
  const { smsAppId, smsNumber } = server.settings;
  if (smsAppId === null) return `needs an SMS application: set ${variables.smsAppId}`;
  if (smsNumber === null) return `needs a number that may be texted: set ${variables.smsNumber}`;
  return (await server.lacks(path)) ? `this server has no ${path}` : null;
}

/** The SMS application; '' where there is none, and the test is skipped. */
export function smsAppIdOf(server: ServerUnderTest): string {
  return server.settings.smsAppId ?? '';
}

/** A complete message to the number that may be texted. */
export function smsTo(server: ServerUnderTest, fields: Fields = {}): Fields {
  return { numbers: server.settings.smsNumber ?? '', content: 'hello', ...fields };
}

/** Asks an SMS endpoint outside of what is held by tables: by GET where there is no body. */
export function askSms(server: ServerUnderTest, path: string, body: Json = null): Promise<Answer> {
  const headers = signed(server.settings.credentials);
  if (body === null) return server.raw({ method: 'GET', path, headers, body });
  return server.raw({ method: 'POST', path, headers, body: JSON.stringify(body) });
}

/** Sends messages and returns the whole answer; rejects when it is refused. */
export async function sendSms(server: ServerUnderTest, fields: Fields = {}): Promise<Json> {
  const answer = await askSms(server, '/v3/sendSms', { appId: smsAppIdOf(server), ...smsTo(server, fields) });
  if (answer.code !== 0 || answer.json === undefined) throw new Error(`sendSms came back with ${answer.body}`);
  return answer.json;
}

/** Sends one message and returns its id. */
export async function sentMsgId(server: ServerUnderTest): Promise<string> {
  return textAt(await sendSms(server), 'array', 0, 'msgId');
}

/** So many numbers of which only the first can be texted, so that a bound is reached with one message. */
export function numbersOf(number: string, count: number): string {
  return [number, ...Array<string>(count - 1).fill('x')].join(',');
}

/** What is wrong with one message, by the codes of the pages. `path` is where it stands in the request: '' or `array.0.`; its field is named. */
export function messageRefusals(number: string, path = ''): Case[] {
  const named = (name: string): string => `${path.replace(/\.(\d+)\./, '[$1].')}${name}`;
  const row = (title: string, [name, value]: readonly [string, Json], code: number): Case => ({
    title: `${path}${title}`,
    change: (valid) => withField(valid, `${path}${name}`, value),
    expects: refused(code, named(name)),
  });
  return [
    row('no content', ['content', null], -4),
    row('an empty content', ['content', ''], -4),
    row('a blank content', ['content', ' \n'], -4),
    row('1,025 characters', ['content', 'x'.repeat(1025)], -5),
    row('no number', ['numbers', null], -8),
    row('an empty list of numbers', ['numbers', ''], -8),
    row('commas alone', ['numbers', ' , ,'], -8),
    row('only numbers that are none', ['numbers', 'x,+1,12345,1234567890123456789'], -9),
    row('more order ids than numbers', ['orderId', 'a,b'], -21),
    {
      title: `${path}fewer order ids than numbers`,
      change: (valid) => withField(withField(valid, `${path}numbers`, `${number},${number}`), `${path}orderId`, 'a'),
      expects: refused(-21, named('orderId')),
    },
  ];
}
