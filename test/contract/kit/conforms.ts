import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Json } from '../../support/json.ts';
import { envelopeProblems } from './answer.ts';
import { envelopeRequests, outsiders } from './edge-case.ts';
import { type Endpoint, fullPathOf, type Variant } from './endpoint.ts';
import { accepted, type Case, fieldCases } from './field-case.ts';
import { isFields, withField } from './json-path.ts';
import { ask, runCase, told } from './run-case.ts';
import type { ServerUnderTest } from './server-under-test.ts';
import { variables } from './settings.ts';

/** Requests on their way at a time. */
const atOnce = 6;

/** Makes the tests of one endpoint from its description. */
export function conforms(server: ServerUnderTest, endpoint: Endpoint): void {
  const seen = new Set<number>();
  const runAll = async (cases: readonly Case[], variant: Variant): Promise<void> => {
    const failures: string[] = [];
    const waiting = [...cases];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { code, failure } = await runCase(server, endpoint, next, variant);
        seen.add(code);
        if (failure !== null) failures.push(failure);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    if (failures.length > 0) assert.fail(`${failures.length} of ${cases.length} cases\n${failures.join('\n')}`);
  };

  const check = (title: string, work: (context: TestContext) => Promise<void> | void): void => {
    test(title, (context) => {
      const reason = endpoint.whyNot?.() ?? null;
      return reason === null ? work(context) : context.skip(reason);
    });
  };

  describe(`${endpoint.method} ${endpoint.name} (contract ${endpoint.section})`, () => {
    for (const variant of endpoint.variants) {
      check(`${variant.title}: the answer`, () => runAll([asItIs, withUnknownField], variant));
      for (const [path, field] of Object.entries(variant.fields)) {
        check(`${variant.title}: ${path}`, () => runAll(fieldCases(path, field), variant));
      }
    }
    check('what the fields alone do not say', async (context) => {
      for (const row of endpoint.cases?.() ?? []) {
        await context.test(row.title, () => runAll([row], endpoint.variants[0]));
      }
    });
    check('every spelling of the path, every kind of body, every method', () => edges(server, endpoint, seen));
    check('who asks (contract 15.3)', () => authentication(server, endpoint, seen));
    check('an address that is not on the list: -2', (context) => otherAddress(context, { server, endpoint, seen }));
    check('a Chinese account is told in Chinese (contract 15.5)', (context) => inChinese(context, server, endpoint));
    check('every documented code came', () => assertCodes(endpoint, seen));
  });
}

const asItIs: Case = { title: 'as it is', change: (valid) => valid, expects: accepted() };
const withUnknownField: Case = {
  title: 'with an unknown field',
  change: (valid) => withField(valid, 'fieldThatNoPageHas', { deep: [1, null, 'x'] }),
  expects: accepted(),
};

async function edges(server: ServerUnderTest, endpoint: Endpoint, seen: Set<number>): Promise<void> {
  const failures: string[] = [];
  for (const make of envelopeRequests(endpoint, server.settings)) {
    const valid = await endpoint.variants[0].valid();
    const { title, request, code } = make(valid);
    const answer = await server.raw(request);
    seen.add(answer.code);
    const problems = envelopeProblems(answer, endpoint.literals, endpoint);
    if (answer.code !== code) problems.push(`code is ${answer.code}; it must be ${code}`);
    if (problems.length > 0) failures.push(told(endpoint, title, { sent: valid, answer, problems }));
  }
  if (failures.length > 0) assert.fail(failures.join('\n'));
}

async function authentication(server: ServerUnderTest, endpoint: Endpoint, seen: Set<number>): Promise<void> {
  const failures: string[] = [];
  for (const { title, headers, code } of outsiders(server.settings.credentials)) {
    const sent = await endpoint.variants[0].valid();
    const body = endpoint.method === 'GET' ? null : JSON.stringify(sent);
    const answer = await server.raw({ method: endpoint.method, path: fullPathOf(endpoint, sent), headers, body });
    seen.add(answer.code);
    const problems = envelopeProblems(answer, endpoint.literals, endpoint);
    if (answer.code !== code) problems.push(`code is ${answer.code}; it must be ${code}`);
    if (problems.length > 0) failures.push(told(endpoint, title, { sent, answer, problems }));
  }
  if (failures.length > 0) assert.fail(failures.join('\n'));
}

type Under = { readonly server: ServerUnderTest; readonly endpoint: Endpoint; readonly seen: Set<number> };

async function otherAddress(context: TestContext, { server, endpoint, seen }: Under): Promise<void> {
  if (needsAdmin(context, server)) return;
  const credentials = await server.account({ ipAllowList: ['203.0.113.0/24'] });
  const sent = await endpoint.variants[0].valid();
  const answer = await ask(server, endpoint, sent, credentials);
  seen.add(answer.code);
  const problems = envelopeProblems(answer, endpoint.literals, endpoint);
  if (answer.code !== -2) problems.push(`code is ${answer.code}; it must be -2`);
  assert.ok(problems.length === 0, told(endpoint, 'from another address', { sent, answer, problems }));
}

async function inChinese(context: TestContext, server: ServerUnderTest, endpoint: Endpoint): Promise<void> {
  const needed = Object.entries(endpoint.variants[0].fields).find(
    ([, field]) => field.isRequired || field.bad.length > 0,
  );
  if (needed === undefined) return context.skip('there is no field to send wrong');
  if (needsAdmin(context, server)) return;
  const [path, field] = needed;
  const credentials = await server.account({ language: 'zh-CN' });
  const bad = field.isRequired ? undefined : field.bad[0]?.make();
  const sent = withField(await endpoint.variants[0].valid(), path, bad);
  const answer = await ask(server, endpoint, sent, credentials);
  const problems = envelopeProblems(answer, endpoint.literals, endpoint);
  const name = path.split('.').at(-1) ?? path;
  if (answer.code !== field.code) problems.push(`code is ${answer.code}; it must be ${field.code}`);
  if (!answer.message.includes(name)) problems.push(`the message must name ${name}`);
  if (!/\p{Script=Han}/u.test(answer.message)) problems.push('the message must be Chinese');
  assert.ok(problems.length === 0, told(endpoint, `${path} in Chinese`, { sent, answer, problems }));
}

/** Skips a test that only an operator can set up; true: it is skipped. */
export function needsAdmin(context: TestContext, server: ServerUnderTest): boolean {
  if (server.settings.admin !== null) return false;
  context.skip(`needs the admin API: set ${variables.adminToken}`);
  return true;
}

/** What keeps -18 from being provoked holds everywhere. */
const neverProvoked: Readonly<Record<number, string>> = { [-18]: 'only a fault of the server itself answers it' };

function assertCodes(endpoint: Endpoint, seen: ReadonlySet<number>): void {
  const excused = { ...neverProvoked, ...endpoint.notProvoked };
  const missing = endpoint.codes.filter((code) => !seen.has(code) && !(code in excused));
  const unlikely = endpoint.codes.includes(-2) && !seen.has(-2) ? missing.filter((code) => code !== -2) : missing;
  assert.deepEqual(unlikely, [], `${endpoint.name}: documented codes that no case provoked, and no reason why`);
  const undocumented = [...seen].filter((code) => !endpoint.codes.includes(code));
  assert.deepEqual(
    undocumented,
    [],
    `${endpoint.name}: codes that came, and that contract ${endpoint.section} does not have`,
  );
}

/** A field of an answer's data, for tests of their own. */
export function fieldOf(data: Json | undefined, name: string): Json | undefined {
  return isFields(data) && Object.hasOwn(data, name) ? data[name] : undefined;
}
