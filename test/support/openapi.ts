import assert from 'node:assert/strict';
import { Compile } from 'typebox/schema';
import { at, type Json } from './json.ts';

/** An answer as it came, and what it answers. */
export type GivenAnswer = {
  readonly method: string;
  /** With the server's part, without the query. */
  readonly path: string;
  readonly status: number;
  readonly type: string;
  /** null: none. */
  readonly body: Json;
};

type Validator = ReturnType<typeof Compile>;

/** Holds answers against the OpenAPI document of the server that gave them. */
export class OpenApiCheck {
  readonly #operations: readonly { readonly method: string; readonly path: RegExp; readonly responses: Json }[];
  readonly #validators = new Map<Json, Validator>();

  constructor(document: Json) {
    this.#operations = entriesOf(at(document, 'paths')).flatMap(([path, methods]) =>
      entriesOf(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`),
        responses: at(operation, 'responses'),
      })),
    );
  }

  /** Fails unless the answer is one that the document describes. Paths that it does not have are not its business. */
  check({ method, path, status, type, body }: GivenAnswer): void {
    const operation = this.#operations.find((candidate) => candidate.method === method && candidate.path.test(path));
    if (operation === undefined) return;
    const told = `${method} ${path} answered ${status}`;
    const responses = Object.fromEntries(entriesOf(operation.responses));
    const response = responses[status] ?? responses[`${Math.floor(status / 100)}XX`];
    assert.ok(response !== undefined, `${told}, which is not described`);
    const contents = Object.fromEntries(entriesOf(response)).content;
    if (contents === undefined) {
      assert.equal(body, null, `${told} with a body, and none is described`);
      return;
    }
    const content = Object.fromEntries(entriesOf(contents))[type.split(';', 1)[0] ?? ''];
    assert.ok(content !== undefined, `${told} as ${type}, which is not described`);
    const [isRight, problems] = this.#validatorOf(at(content, 'schema')).Errors(body);
    assert.ok(
      isRight,
      `${told} with another body than is described: ${JSON.stringify(problems)} in ${JSON.stringify(body)}`,
    );
  }

  #validatorOf(schema: Json): Validator {
    const known = this.#validators.get(schema) ?? Compile(Object(schema));
    this.#validators.set(schema, known);
    return known;
  }
}

/** What an object holds; throws for everything else. */
export function entriesOf(value: Json): [string, Json][] {
  assert.ok(
    value !== null && typeof value === 'object' && !Array.isArray(value),
    `no object: ${JSON.stringify(value)}`,
  );
  return Object.entries(value);
}
