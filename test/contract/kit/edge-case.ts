import type { Json } from '../../support/json.ts';
import { type Endpoint, fullPathOf } from './endpoint.ts';
import { type Credentials, type RawRequest, signature, signed } from './server-under-test.ts';

/** A request that differs from a usual one in how it is written, and the code that it gets. */
export type EdgeRequest = { readonly title: string; readonly request: RawRequest; readonly code: number };

type Target = { readonly credentials: Credentials };

/** Every spelling of an endpoint's path (contract 15.1), bodies that cannot be read, and methods that it does not have (contract 15.2). */
export function envelopeRequests(endpoint: Endpoint, { credentials }: Target): ((valid: Json) => EdgeRequest)[] {
  const make =
    (title: string, code: number, parts: (valid: Json) => Partial<RawRequest>) =>
    (valid: Json): EdgeRequest => {
      const body = endpoint.method === 'GET' ? null : JSON.stringify(valid);
      const usual = {
        method: endpoint.method,
        path: fullPathOf(endpoint, valid),
        headers: signed(credentials),
        body,
      };
      return { title, code, request: { ...usual, ...parts(valid) } };
    };
  const roots = endpoint.otherRoots ?? (endpoint.base === '' ? [] : ['']);
  const spellings = [...pathSpellings, ...roots.flatMap(belowRoot)].map(([title, spell]) =>
    make(title, 0, (valid) => ({ path: beforeQuery(fullPathOf(endpoint, valid), spell) })),
  );
  const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'].map((type) =>
    make(`as ${type}`, 0, () => ({ headers: { ...signed(credentials), 'Content-Type': type } })),
  );
  const otherMethods = ['PUT', 'PATCH', 'DELETE', endpoint.method === 'GET' ? 'POST' : 'GET'].map((method) =>
    make(`with ${method}`, -22, () => ({ method, body: method === 'GET' ? null : '{}' })),
  );
  if (endpoint.method === 'GET') return [...spellings, ...otherMethods];
  const unreadable = unreadableBodies.map(([title, body]) => make(title, -22, () => ({ body })));
  const tooLarge =
    endpoint.bodyLimitMiB === undefined
      ? []
      : [make('a body over the limit', -22, (valid) => ({ body: padded(valid, endpoint.bodyLimitMiB ?? 0) }))];
  return [...spellings, ...contentTypes, ...otherMethods, ...unreadable, ...tooLarge];
}

type Spelling = readonly [title: string, spell: (path: string) => string];

const pathSpellings: readonly Spelling[] = [
  ['as it is documented', (path) => path],
  ['with a slash at the end', (path) => `${path}/`],
  ['with every slash twice', (path) => path.replaceAll('/', '//')],
];

/** Voice paths are also served without `/v3` (contract 15.1), others as their description says. */
function belowRoot(root: string): Spelling[] {
  const title = root === '' ? 'without /v3' : `below ${root}`;
  return [
    [title, (path) => path.replace('/v3', root)],
    [`${title}, with two slashes at both ends`, (path) => `/${path.replace('/v3', root)}//`],
  ];
}

function beforeQuery(path: string, change: (bare: string) => string): string {
  const [bare = '', ...query] = path.split('?');
  return [change(bare), ...query].join('?');
}

const unreadableBodies: readonly (readonly [title: string, body: RawRequest['body']])[] = [
  ['no body', null],
  ['an empty body', ''],
  ['half a body', '{"current":1,'],
  ['a body with comments', '{"current":1 // first\n}'],
  ['a list', '[{}]'],
  ['null', 'null'],
  ['a text', '"hello"'],
  ['a number', '1'],
  ['a body that is not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
];

function padded(valid: Json, limitMiB: number): string {
  return `{"padding":"${'x'.repeat(limitMiB * 1024 * 1024)}",${JSON.stringify(valid).slice(1)}`;
}

/** Requests of somebody who is not let in, or only just is, at every endpoint; `authentication.test.ts` has all combinations. */
export function outsiders(
  credentials: Credentials,
): { title: string; headers: Record<string, string>; code: number }[] {
  const at = (offsetS: number): string => String(Math.floor(Date.now() / 1000) + offsetS);
  const of = (title: string, code: number, headers: Record<string, string>) => ({ title, code, headers });
  return [
    of('without headers', -1, { 'Content-Type': 'application/json' }),
    of('with an unknown Api-Key', -1, signed({ ...credentials, apiKey: 'nobody' })),
    of('with a wrong secret', -1, signed({ ...credentials, apiSecret: 'wrong' })),
    of('31 minutes late', -16, signed(credentials, { timestamp: at(-1860) })),
    of('31 minutes early', -16, signed(credentials, { timestamp: at(1860) })),
    of('29 minutes late', 0, signed(credentials, { timestamp: at(-1740) })),
    of(
      'with a Sign in capitals',
      0,
      signed(credentials, { timestamp: at(0), sign: signature(credentials, at(0)).toUpperCase() }),
    ),
  ];
}
