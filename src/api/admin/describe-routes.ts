import { Type } from 'typebox';
import { assert } from '../../lib/errors.ts';
import { isObject } from '../v3/field.ts';
import type { AdminInstance } from './admin-instance.ts';
import { type RouteDescription, routeDescriptions } from './route-descriptions.ts';
import { closed, problemSchema } from './schema.ts';

/** Of every error answer (RFC 9457). */
export const problemType = 'application/problem+json';

const problemContent = { [problemType]: { schema: problemSchema } };
const problems = {
  '4XX': { description: 'What is wrong with the request', content: problemContent },
  500: { description: 'A fault of the server', content: problemContent },
};

/**
 * Says of every route that is mounted from here on what it is for, what a body may look like, and that it may answer with problem details; and lets no parameter
 * pass that it does not know, because one that is misspelt would do nothing: an import with `?mod=merge` would replace.
 */
export function describeRoutes(instance: AdminInstance): void {
  instance.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') return;
    const name = `${String(route.method)} ${route.routePath}`;
    const description = routeDescriptions[name];
    assert(description !== undefined, `${name} is described in route-descriptions.ts`);
    const { querystring = Type.Object({}), body, response, ...schema } = route.schema ?? {};
    route.schema = {
      ...schema,
      summary: description.summary,
      querystring: extended(querystring, closed),
      ...(body !== undefined && { body: withExample(body, description) }),
      response: { ...described(response, description), ...problems },
    };
  });
}

/** A body of another type than JSON has its schema below its type. */
function withExample(body: unknown, { example }: RouteDescription): object {
  if (!isObject(body) || !isObject(body.content)) return extended(body, { examples: [example] });
  const content = Object.entries(body.content).map(([type, entry]) => {
    const { schema } = Object(entry);
    return [type, { schema: extended(schema, { examples: [example] }) }];
  });
  return { ...body, content: Object.fromEntries(content) };
}

/** A copy with more fields, which is still a TypeBox schema: what makes it one is not enumerable. */
function extended(schema: unknown, fields: object): object {
  return Object.assign(Object.create(Object.prototype, Object.getOwnPropertyDescriptors(schema)), fields);
}

/** Answers without a description of their own are what the route is for. */
function described(response: unknown, { summary }: RouteDescription): object {
  const entries = Object.entries(Object(response)).map(([status, answer]) => [
    status,
    { description: summary, ...Object(answer) },
  ]);
  return Object.fromEntries(entries);
}
