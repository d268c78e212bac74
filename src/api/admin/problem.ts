import type { FastifyError } from 'fastify';
import { RequestError } from '../../domain/error/request-error.ts';
import type { Problem } from './schema.ts';

/** Composes RFC 9457 problem details for whatever a request failed with; null: it is our fault, and belongs in the log. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof RequestError) return requestProblem(error);
  if (!isHttpError(error)) return null;
  if (error.validation !== undefined) return validationProblem(error);
  const status = error.statusCode;
  if (status < 400 || status >= 500) return null;
  return problem(status, error.message);
}

/** A problem that the status alone names. */
export function problem(status: number, detail: string): Problem {
  return { type: 'about:blank', title: titles[status] ?? 'Bad Request', status, detail };
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

function requestProblem(error: RequestError): Problem {
  const status = statuses[error.dialectCode] ?? 400;
  const composed = { ...problem(status, error.message), code: error.key };
  if (error.field === null || status === 404) return composed;
  return { ...composed, errors: [{ pointer: `#/${error.field.replaceAll('.', '/')}`, detail: error.message }] };
}

/** HTTP statuses of the registry's codes; 400 otherwise. */
const statuses: Readonly<Record<number, number>> = { [-20]: 409, [-24]: 404, [-37]: 409, [-54]: 409 };

type HttpError = FastifyError & { readonly statusCode: number };

function validationProblem(error: HttpError): Problem {
  const part = parts[error.validationContext ?? 'body'];
  const found = (error.validation ?? []).flatMap((entry) => {
    const path = String(entry.instancePath);
    const names = missingOrUnknown(entry.params);
    if (names.length === 0) return [{ pointer: `#${path}`, detail: detailOf(entry) }];
    return names.map((name) => ({ pointer: `#${path}/${escaped(name)}`, detail: detailOf(entry) }));
  });
  const unique = found.filter((entry, index) => found.findIndex((other) => other.pointer === entry.pointer) === index);
  const where = unique.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
  return { ...problem(400, `${part} not as described: ${where}`), errors: unique };
}

const parts = {
  body: 'the body is',
  params: 'the path is',
  querystring: 'the query is',
  headers: 'the headers are',
} as const;

/** For these two the validator points at the object, and we at the property. */
function missingOrUnknown(params: Readonly<Record<string, unknown>>): string[] {
  const names = params.requiredProperties ?? params.additionalProperties;
  return Array.isArray(names) ? names.map(String) : [];
}

/** A property that nobody knows is told of twice, once as a schema that is just `false`. */
function detailOf({ keyword, message }: { readonly keyword: string; readonly message?: string | undefined }): string {
  if (keyword === 'required') return 'is required';
  return keyword === 'additionalProperties' || keyword === 'boolean' ? 'is not known' : (message ?? keyword);
}

/** RFC 6901 section 3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
}
