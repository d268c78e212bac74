import type { Json } from '../../support/json.ts';
import type { Literals } from './answer.ts';
import type { Shape } from './answer-shape.ts';
import type { Case } from './field-case.ts';
import type { Field } from './request-field.ts';

/** One kind of valid request to an endpoint, and the fields that it has. */
export type Variant = {
  readonly title: string;
  /** A valid request, made anew each time so that names are unique. */
  readonly valid: () => Json | Promise<Json>;
  /** By path with dots. */
  readonly fields: Readonly<Record<string, Field>>;
};

/** An endpoint as the contract describes it; `conforms` makes the tests from it. */
export type Endpoint = {
  /** As the contract writes it, below `/voice`. */
  readonly name: string;
  /** Where the contract says it. */
  readonly section: string;
  readonly method: 'GET' | 'POST';
  /** What comes before the path and after `/v3`; `/voice` unless given. */
  readonly base?: '/voice' | '';
  /** What may stand in place of `/v3`, besides nothing at all before `/voice`. */
  readonly otherRoots?: readonly string[];
  /** Whether the fields of a success stand beside the code instead of in `data`: the shape is that of the whole answer then. */
  readonly isFlat?: boolean;
  /** The path below the base for a request, with the query of a GET; `/name` unless given. */
  readonly path?: (request: Json) => string;
  readonly literals: Literals;
  readonly variants: readonly [Variant, ...Variant[]];
  /** What a success answers. */
  readonly data: Shape;
  /** Every code that the contract documents for it, from its page and from section 15. */
  readonly codes: readonly number[];
  /** Documented codes that no request of the suite can provoke, and why. */
  readonly notProvoked?: Readonly<Record<number, string>>;
  /** What the fields alone do not say; each changes a request of the first variant. */
  readonly cases?: () => readonly Case[];
  /** What the server shows of an accepted request afterwards; fields with `shownAs` are looked for in it. */
  readonly show?: (data: Json, sent: Json) => Promise<Json>;
  /** Why it cannot be tested on this server; null: it can. Asked once the fixtures are there. */
  readonly whyNot?: () => string | null;
  /** Largest body that our own server takes, in MiB; others may take more. */
  readonly bodyLimitMiB?: number;
};

/** Below the base, with a slash in front. */
export function pathOf(endpoint: Endpoint, request: Json): string {
  return endpoint.path === undefined ? `/${endpoint.name}` : endpoint.path(request);
}

/** The usual path of a request, from the root of the server on. */
export function fullPathOf(endpoint: Endpoint, request: Json): string {
  return `/v3${endpoint.base ?? '/voice'}${pathOf(endpoint, request)}`;
}
