import { endOfQuoted, paramOf, unquote } from './header-values.ts';

/** A From, To, Contact, Route or Record-Route value (RFC 3261 section 20.10). */
export type NameAddr = {
  /** Unquoted; '' when there is none. */
  readonly displayName: string;
  readonly uri: string;
  /** The header parameters with their leading `;`, '' when there are none. */
  readonly params: string;
};

/** Reads one name-addr or addr-spec; null when it is neither. */
export function parseNameAddr(value: string): NameAddr | null {
  const text = value.trim();
  const open = text.indexOf('<', text.startsWith('"') ? endOfQuoted(text, 0) : 0);
  if (open === -1) {
    // An addr-spec without brackets: what follows the first semicolon belongs to the header, not to the URI.
    const semicolon = text.indexOf(';');
    const uri = (semicolon === -1 ? text : text.slice(0, semicolon)).trim();
    if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return null;
    return { displayName: '', uri, params: semicolon === -1 ? '' : text.slice(semicolon) };
  }
  const close = text.indexOf('>', open);
  if (close === -1) return null;
  const uri = text.slice(open + 1, close).trim();
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return null;
  return { displayName: unquote(text.slice(0, open).trim()), uri, params: text.slice(close + 1).trim() };
}

/** The tag of a From or To value; null when there is none. Cheaper than {@link parseNameAddr}: it is needed for every message. */
export function tagOf(value: string): string | null {
  const afterName = value.charCodeAt(0) === 0x22 ? endOfQuoted(value, 0) : 0;
  const close = value.indexOf('>', afterName);
  const tag = paramOf(value, close === -1 ? afterName : close, 'tag');
  return tag === '' ? null : tag;
}
