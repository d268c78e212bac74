import type { TrunkTarget } from '../../call/engine.ts';
import { escapeUser } from './caller-identity.ts';

/**
 * The proxies that a request to a trunk must pass, as whole Route values in order: the outbound proxy that the operator set, then what the registrar named
 * (RFC 3608 section 5; its own edge proxy leads the list often, and is not passed twice).
 */
export function routesOf(trunk: TrunkTarget, serviceRoute: readonly string[]): readonly string[] {
  if (trunk.outboundProxy === null) return serviceRoute;
  const proxy = `<${looseRoute(trunk.outboundProxy)}>`;
  return serviceRoute[0] === proxy ? serviceRoute : [proxy, ...serviceRoute];
}

/** The URI that says where a request goes first (RFC 3261 section 8.1.2). */
export function firstUriOf(trunk: TrunkTarget, routes: readonly string[]): string {
  const first = routes[0];
  const transport = trunk.transport === null ? '' : `;transport=${trunk.transport}`;
  return first === undefined ? `${domainUri(trunk)}${transport}` : first.replace(/^[^<]*<([^>]*)>.*$/s, '$1');
}

/** The trunk's own domain as a URI. */
export function domainUri(trunk: TrunkTarget): string {
  return `sip:${domainOf(trunk)}`;
}

/** A number at the trunk: Request-URI and To of a call. */
export function numberUri(trunk: TrunkTarget, number: string): string {
  return `sip:${escapeUser(number)}@${domainOf(trunk)}`;
}

/** Without a port where none is set: it may come from DNS, and another one than we have found (RFC 3263 section 4). */
function domainOf({ host, port }: TrunkTarget): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}${port === null ? '' : `:${port}`}`;
}

/** Section 19.1.1: without `lr` the proxy would take the Route for the way of RFC 2543. */
function looseRoute(uri: string): string {
  return /;lr(?:[;=?]|$)/i.test(uri) ? uri : `${uri};lr`;
}
