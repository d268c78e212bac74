import { endOfFirstValue, paramOf } from './header-values.ts';

/** One Via value (RFC 3261 section 20.42). */
export type Via = {
  /** Upper case, e.g. `UDP`. */
  readonly transport: string;
  /** As written, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly branch: string | null;
  /** null: absent; '': asked for (RFC 3581); else the number that was filled in. */
  readonly rport: string | null;
  readonly received: string | null;
};

/** The start that a branch has since RFC 3261 (section 8.1.1.7). */
export const branchCookie = 'z9hG4bK';

/**
 * Any version: a request of another one is told so with 505, and for that its Via must be read. No two neighbours match the same
 * characters, so that a line of spaces costs its length and not its square.
 */
const pattern =
  /^SIP\s*\/\s*\d+\.\d+\s*\/\s*([A-Za-z0-9-]+)\s+(\[[0-9a-fA-F:.]+\]|[^\s:;,[\]]+)(?:\s*:\s*(\d{1,5}))?\s*(?:;|$)/i;

/** Reads the first Via of a header line; null when it is none. */
export function parseVia(line: string): Via | null {
  const end = endOfFirstValue(line, 0);
  const text = (end === line.length ? line : line.slice(0, end)).trim();
  const match = pattern.exec(text);
  if (match === null) return null;
  const host = match[2] ?? '';
  const port = match[3] === undefined ? null : Number(match[3]);
  if (port !== null && (port < 1 || port > 65535)) return null;
  return {
    transport: (match[1] ?? '').toUpperCase(),
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port,
    branch: paramOf(text, 0, 'branch') || null,
    rport: paramOf(text, 0, 'rport'),
    received: paramOf(text, 0, 'received'),
  };
}

/** Whether separators in a Via line stand with nothing between them (RFC 3261 section 25.1 knows no empty parameter and no empty value). */
export function hasEmptyParts(line: string): boolean {
  return /[;,]\s*(?:[;,]|$)/.test(line);
}

/** The branch of the first Via of a line, without reading the rest: all that a response needs. */
export function branchOf(line: string): string | null {
  const end = endOfFirstValue(line, 0);
  return paramOf(end === line.length ? line : line.slice(0, end), 0, 'branch') || null;
}
