/** The index just after a quoted string that starts at `start`; the text's length when it never ends. */
export function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}

/** The end of the first value of a comma-separated header (RFC 3261 section 7.3.1): commas in quotes and in `<>` don't count. */
export function endOfFirstValue(text: string, start: number): number {
  const comma = text.indexOf(',', start);
  if (comma === -1) return text.length;
  let isInAngle = false;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = endOfQuoted(text, at) - 1;
    else if (code === 0x3c) isInAngle = true;
    else if (code === 0x3e) isInAngle = false;
    else if (code === 0x2c && !isInAngle) return at;
  }
  return text.length;
}

/** Splits a comma-separated header into its trimmed, non-empty values. */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = endOfFirstValue(text, start);
    const value = text.slice(start, end).trim();
    if (value !== '') values.push(value);
    start = end + 1;
  }
  return values;
}

/** A quoted string without its quotes and backslashes; other text as it is. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== 0x22) return text;
  return text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined).replace(/\\(.)/gs, '$1');
}

/** Text as a quoted string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The value of the `;name=value` parameter after `start`, unquoted; '' for a parameter without a value; null when it is absent.
 * `name` in lower case.
 */
export function paramOf(text: string, start: number, name: string): string | null {
  let at = text.indexOf(';', start);
  while (at !== -1 && at < text.length) {
    let end = at + 1;
    let equals = -1;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 0x3b) break;
      if (code === 0x3d && equals === -1) equals = end;
      else if (code === 0x22) end = endOfQuoted(text, end) - 1;
    }
    const nameEnd = equals === -1 ? end : equals;
    if (isName(text, at + 1, nameEnd, name)) return equals === -1 ? '' : unquote(text.slice(equals + 1, end).trim());
    at = end;
  }
  return null;
}

function isName(text: string, start: number, end: number, name: string): boolean {
  if (end - start < name.length) return false;
  return text.slice(start, end).trim().toLowerCase() === name;
}
