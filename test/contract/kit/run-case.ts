import type { Json } from '../../support/json.ts';
import { type Answer, envelopeProblems } from './answer.ts';
import { type Endpoint, fullPathOf, type Variant } from './endpoint.ts';
import type { Case, Expectation } from './field-case.ts';
import { isFields, shown } from './json-path.ts';
import { type Credentials, type ServerUnderTest, signed } from './server-under-test.ts';

/** Asks an endpoint, by the suite's own account unless another is given. */
export function ask(
  server: ServerUnderTest,
  endpoint: Endpoint,
  request: Json,
  credentials?: Credentials,
): Promise<Answer> {
  const { method } = endpoint;
  const body = method === 'GET' ? null : JSON.stringify(request);
  const headers = signed(credentials ?? server.settings.credentials);
  return server.raw({ method, path: fullPathOf(endpoint, request), headers, body });
}

/** What one case showed: the code that came, and what is wrong, told whole; null: nothing. */
export type Outcome = { readonly code: number; readonly failure: string | null };

/** Sends one case and holds the answer against what the contract says. */
export async function runCase(
  server: ServerUnderTest,
  endpoint: Endpoint,
  { title, change, expects }: Case,
  variant: Variant,
): Promise<Outcome> {
  const sent = change(await variant.valid());
  const answer = await ask(server, endpoint, sent);
  const problems = [
    ...envelopeProblems(answer, endpoint.literals, endpoint),
    ...(await expectationProblems(expects, endpoint, { sent, answer })),
  ];
  const failure =
    problems.length === 0 ? null : told(endpoint, `${variant.title}, ${title}`, { sent, answer, problems });
  return { code: answer.code, failure };
}

/** A failure with all that is needed to see it: which endpoint, what was sent, what came, and where the contract says otherwise. */
export function told(
  endpoint: Endpoint,
  title: string,
  { sent, answer, problems }: { sent: Json; answer: Answer; problems: readonly string[] },
): string {
  return [
    `${endpoint.method} ${fullPathOf(endpoint, sent)} (contract ${endpoint.section}): ${title}`,
    `  sent  ${shown(sent)}`,
    `  came  HTTP ${answer.httpStatus} ${answer.body.length <= 1200 ? answer.body : `${answer.body.slice(0, 1200)}...`}`,
    ...problems.map((problem) => `  wrong ${problem}`),
  ].join('\n');
}

async function expectationProblems(
  expects: Expectation,
  endpoint: Endpoint,
  { sent, answer }: { sent: Json; answer: Answer },
): Promise<readonly string[]> {
  switch (expects.kind) {
    case 'refused':
      return refusalProblems(answer, expects);
    case 'accepted': {
      if (answer.code !== 0) return [`code is ${answer.code}; it must be accepted`];
      const problems = endpoint.isFlat ? endpoint.data(answer.json, 'answer') : endpoint.data(answer.data, 'data');
      if (expects.shows === undefined || endpoint.show === undefined || problems.length > 0) return problems;
      return shownProblems(await endpoint.show(answer.data ?? null, sent), expects.shows);
    }
  }
}

function refusalProblems(answer: Answer, { code, names }: { code: number; names: string | RegExp }): string[] {
  const problems: string[] = [];
  if (answer.code !== code) problems.push(`code is ${answer.code}; it must be ${code}`);
  const isNamed = typeof names === 'string' ? answer.message.includes(names) : names.test(answer.message);
  if (!isNamed) problems.push(`the message must name ${names}`);
  return problems;
}

function shownProblems(seen: Json, [name, value]: readonly [string, Json]): string[] {
  if (!isFields(seen)) return [`afterwards the server shows ${shown(seen)}`];
  const found = Object.hasOwn(seen, name) ? seen[name] : undefined;
  return JSON.stringify(found) === JSON.stringify(value)
    ? []
    : [`afterwards the server shows ${name} as ${shown(found)}; it must be ${shown(value)}`];
}
