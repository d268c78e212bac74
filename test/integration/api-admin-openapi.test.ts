import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Compile } from 'typebox/schema';
import { adminToken, openTestApi, type TestApi } from '../support/api-server.ts';
import { at, type Json, listAt, textAt } from '../support/json.ts';
import { entriesOf } from '../support/openapi.ts';

let api: TestApi;
let document: Json;
before(async () => {
  api = await openTestApi();
  document = (await api.inject({ url: '/admin/v1/openapi.json' })).json();
});
after(() => api.close());

function operations(): [name: string, operation: Json][] {
  return entriesOf(at(document, 'paths')).flatMap(([path, methods]) =>
    entriesOf(methods).map(([method, operation]): [string, Json] => [
      `${method.toUpperCase()} ${path.replace('/admin/v1', '')}`,
      operation,
    ]),
  );
}

test('every route says what it is for, under a tag that is explained, and what its parameters and answers are', () => {
  const tags = listAt(document, 'tags').map((tag) => textAt(tag, 'name'));
  const used = new Set<Json>();
  for (const [name, operation] of operations()) {
    assert.ok(textAt(operation, 'summary').length > 5, name);
    for (const tag of listAt(operation, 'tags')) used.add(tag);
    const responses = entriesOf(at(operation, 'responses'));
    for (const [status, response] of responses)
      assert.doesNotMatch(textAt(response, 'description'), /Default Response/, `${name} ${status}`);
    const statuses = responses.map(([status]) => status);
    assert.ok(statuses.includes('4XX') && statuses.includes('500'), name);
    const { parameters = [] } = Object(operation);
    for (const parameter of parameters)
      assert.ok(parameter.in !== 'path' || parameter.description !== undefined, `${name}: ${parameter.name}`);
  }
  assert.deepEqual([...used].sort(), tags.toSorted());
});

function assertExample(schema: Json, example: Json, name: string): void {
  const [isRight, problems] = Compile(Object(schema)).Errors(example);
  assert.ok(isRight, `${name}: ${JSON.stringify(example)}: ${JSON.stringify(problems)}`);
}

/** Holds each example in a part of the document against the schema that it stands in; how many there are. */
function checkExamples(part: Json, name: string): number {
  if (part === null || typeof part !== 'object') return 0;
  const entries: [string, Json][] = Array.isArray(part)
    ? [...part.entries()].map(([index, entry]) => [`${index}`, entry])
    : entriesOf(part);
  let count = 0;
  for (const [key, entry] of entries) {
    if (key !== 'examples' || !Array.isArray(entry)) {
      count += checkExamples(entry, name);
      continue;
    }
    for (const example of entry) assertExample(part, example, name);
    count += entry.length;
  }
  return count;
}

test('every body has an example, and all examples are what they are examples of', () => {
  let count = 0;
  for (const [name, operation] of operations()) {
    const { requestBody } = Object(operation);
    if (requestBody !== undefined) {
      for (const [, content] of entriesOf(at(requestBody, 'content')))
        assertExample(at(content, 'schema'), at(content, 'example'), name);
    }
    count += checkExamples(operation, name);
  }
  assert.ok(count > 20, `${count} examples`);
});

/** In an order in which each finds what it needs. */
const changes = [
  'POST /rate-tables',
  'PATCH /rate-tables/{id}',
  'PUT /rate-tables/{id}/rates',
  'PUT /rate-tables/{id}/rates/{prefix}',
  'POST /accounts',
  'PATCH /accounts/{id}',
  'PUT /accounts/{id}/balance',
  'POST /accounts/{id}/balance/entries',
  'POST /apps',
  'PATCH /apps/{appId}',
  'POST /reports/replay',
  'POST /trunks',
  'PATCH /trunks/{id}',
  'POST /templates',
  'PATCH /templates/{id}',
  'POST /sms-channels',
  'PATCH /sms-channels/{id}',
  'POST /sms-channels/{id}/test',
  'POST /trace-rules',
];

test('the examples work as they stand', async () => {
  const appId = 'iaAJ6COV';
  await api.admin('POST', '/apps', { accountId: api.account.accountId, name: 'of the example', kind: 'voice', appId });
  const withBodies = operations().filter(([, operation]) => Object(operation).requestBody !== undefined);
  assert.deepEqual(withBodies.map(([name]) => name).sort(), changes.toSorted());
  const ids: Record<string, string> = { prefix: '93', appId };
  for (const name of changes) {
    const [method = '', path = ''] = name.split(' ');
    const [[type = '', content = null] = []] = entriesOf(
      at(document, 'paths', `/admin/v1${path}`, method.toLowerCase(), 'requestBody', 'content'),
    );
    const example = at(content, 'example');
    const idOf = path.startsWith('/accounts')
      ? String(api.account.accountId)
      : path.startsWith('/templates')
        ? '1000'
        : '1';
    const response = await api.inject({
      method: method as 'POST' | 'PUT' | 'PATCH',
      url: `/admin/v1${path.replace(/\{(\w+)\}/g, (_, key: string) => ids[key] ?? idOf)}`,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': type, 'idempotency-key': 'k' },
      payload: typeof example === 'string' ? example : JSON.stringify(example),
    });
    assert.ok(response.statusCode < 300, `${name}: ${response.body}`);
  }
});

test('docs/api.md names every path', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  for (const path of new Set(operations().map(([name]) => name.split(' ')[1] ?? '')))
    assert.ok(page.includes(`\`${path}\``), `${path} is in docs/api.md`);
});

test('a parameter that is not known is refused: misspelt, it would do nothing', async () => {
  for (const path of ['/accounts?pagesize=5', '/status?hiden=true', '/processes?a=1', '/accounts/1000?a=1']) {
    const refused = await api.admin('GET', path);
    assert.equal(refused.status, 400, path);
    assert.match(textAt(refused.body, 'detail'), /the query is not as described: #\/\w+ is not known/, path);
  }
  const table = await api.admin('POST', '/rate-tables', { name: 'kept', currency: 'USD' });
  const response = await api.inject({
    method: 'PUT',
    url: `/admin/v1/rate-tables/${at(table.body, 'rateTableId')}/rates?mod=merge`,
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'text/csv' },
    payload: 'prefix,code,billPeriod,rate\n86,China,60+60,0.05\n',
  });
  assert.equal(response.statusCode, 400, response.body);
});
