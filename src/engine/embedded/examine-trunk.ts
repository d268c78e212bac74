import type { ExaminedServer, TrunkExamination, TrunkTarget } from '../../call/engine.ts';
import { messageOf } from '../../lib/errors.ts';
import type { Hop } from '../../telephony/sip/endpoint-types.ts';
import { hostPort } from '../../telephony/sip/message/sip-uri.ts';
import type { LegContext } from './embedded-leg.ts';
import { domainUri, firstUriOf } from './signalling-route.ts';

type Context = Pick<LegContext, 'endpoint' | 'locate' | 'routesOf' | 'clock'>;

/** Nobody reads more, and each is a request. */
const maxServers = 8;

/** See `CallEngine.examine`. All servers are asked at the same time, also those that a call would pass by because others answer. */
export async function examineTrunk(
  trunk: TrunkTarget,
  signal: AbortSignal,
  context: Context,
): Promise<TrunkExamination> {
  const { locate, routesOf, endpoint, clock } = context;
  const routes = routesOf(trunk);
  const target = { uri: domainUri(trunk), routes };
  const ask = async (hop: Hop): Promise<ExaminedServer> => {
    const sentAt = clock.monotonic();
    const { status, reason } = await endpoint.examine(hop, signal, target);
    const { address, port, transport, tls } = hop;
    const roundTripMs = status === null ? null : Math.round(clock.monotonic() - sentAt);
    const seen = endpoint.seenBy(address);
    const seenAddress = seen === null ? null : hostPort(seen);
    const tlsServerName = tls?.serverName ?? null;
    return { address, port, transport, tlsServerName, status, reason, roundTripMs, seenAddress };
  };
  try {
    const hops = await locate(firstUriOf(trunk, routes), trunk);
    return { problem: null, servers: await Promise.all(hops.slice(0, maxServers).map(ask)) };
  } catch (error) {
    return { problem: messageOf(error), servers: [] };
  }
}
