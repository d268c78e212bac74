import type { SipMessage } from '../message/sip-message.ts';

/** What each method may require of us: RFC 4028 section 3, RFC 3262 section 3. */
const known: ReadonlyMap<string, readonly string[]> = new Map([
  ['INVITE', ['timer', '100rel']],
  ['UPDATE', ['timer']],
]);

/**
 * The extensions in a request's Require that we don't have, as they were written (RFC 3261 section 8.2.2.3).
 * Deviation: a BYE is taken whatever it requires. Its sender is gone in any case.
 */
export function unsupportedExtensions(request: SipMessage): readonly string[] {
  const required = request.list('require');
  if (required.length === 0 || request.method === 'BYE') return [];
  const mine = known.get(request.method) ?? [];
  return required.filter((extension) => !mine.includes(extension.toLowerCase()));
}
