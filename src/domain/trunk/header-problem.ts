import { headerVariableNames, variablesIn } from './header-template.ts';
import type { Trunk } from './trunk.ts';

/** What each INVITE has anyway, or what another setting makes, by lower-case name, with what to do instead. */
const refused: ReadonlyMap<string, string> = new Map([
  ...[
    'Via, From, To, Call-ID, CSeq, Contact, Max-Forwards, Route, Record-Route, Content-Length, Content-Type, Content-Encoding',
    'Content-Disposition, MIME-Version, Allow, Supported, Require, Proxy-Require, Unsupported, User-Agent, Server, Expires, Event',
    'Min-SE, RAck, RSeq, Replaces, Join, WWW-Authenticate, Proxy-Authenticate, v, f, t, i, m, l, c, e, k, o, b, r',
  ]
    .flatMap((names) => names.split(', '))
    .map((name): [string, string] => [name.toLowerCase(), 'is written by the platform itself']),
  ['session-expires', 'is set by sessionExpiresS'],
  ['x', 'is set by sessionExpiresS'],
  ['authorization', 'is made from username and password'],
  ['proxy-authorization', 'is made from username and password'],
]);

/** A token of RFC 3261 section 25.1. */
const token = /^[0-9A-Za-z.!%*_+`'~-]{1,64}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const lineBreakOrControl = /[\x00-\x08\x0a-\x1f\x7f]/;
const maxValueLength = 512;
const maxHeaders = 20;

/** What is wrong with a trunk's headers, together with the settings that write headers too; null: nothing. */
export function headersProblem(trunk: Pick<Trunk, 'headers' | 'identity' | 'isPrivate'>): string | null {
  if (trunk.headers.length > maxHeaders) return `must be at most ${maxHeaders}`;
  for (const [name, value] of trunk.headers) {
    const problem = nameProblem(name, trunk) ?? valueProblem(value);
    if (problem !== null) return `${name === '' ? '(no name)' : name} ${problem}`;
  }
  return null;
}

function nameProblem(name: string, { identity, isPrivate }: Pick<Trunk, 'identity' | 'isPrivate'>): string | null {
  if (!token.test(name)) return "must be a header name: letters, digits and -.!%*_+`'~, without the colon";
  const key = name.toLowerCase();
  if (key === 'p-asserted-identity' && identity === 'p_asserted') return 'is set by identity: set one of the two';
  if (key === 'remote-party-id' && identity === 'remote_party') return 'is set by identity: set one of the two';
  if (key === 'privacy' && isPrivate) return 'is set by isPrivate: set one of the two';
  return refused.get(key) ?? null;
}

function valueProblem(value: string): string | null {
  if (value.trim() === '') return 'must have a value';
  if (value.length > maxValueLength) return `must have at most ${maxValueLength} characters`;
  if (lineBreakOrControl.test(value)) return 'must not have line breaks or control characters in its value';
  const known: readonly string[] = headerVariableNames;
  const unknown = variablesIn(value).find((name) => !known.includes(name));
  if (unknown === undefined) return null;
  return `has an unknown variable \${${unknown}}: there are ${headerVariableNames.map((name) => `\${${name}}`).join(', ')}`;
}
