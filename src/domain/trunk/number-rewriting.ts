import type { Trunk } from './trunk.ts';

/** How a trunk wants numbers written. */
export type NumberRewriting = Pick<Trunk, 'stripPrefix' | 'addPrefix' | 'hasPlus'>;

/**
 * The callee's number as the trunk is to dial it: `stripPrefix` off, where the number starts with it and goes on after it; `addPrefix` in front;
 * a plus before it all. Routing is by the number before this, and so is the record.
 */
export function rewriteNumber(number: string, { stripPrefix, addPrefix, hasPlus }: NumberRewriting): string {
  const hasStripped = number.length > stripPrefix.length && number.startsWith(stripPrefix);
  const rest = hasStripped ? number.slice(stripPrefix.length) : number;
  return `${hasPlus ? '+' : ''}${addPrefix}${rest}`;
}
