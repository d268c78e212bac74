import { lookup } from 'node:dns/promises';
import type { CallEngine, LegEvent } from '../../call/engine.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import type { MediaService } from '../../telephony/rtp/media-types.ts';
import type { Hop, SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { parseSipUri } from '../../telephony/sip/message/sip-uri.ts';
import { udpHop } from '../../telephony/sip/transport/hop.ts';
import { EmbeddedLeg, type LegContext } from './embedded-leg.ts';
import { createHostResolver, type HostLookup, type HostResolver } from './host-resolver.ts';
import { firstUriOf } from './signalling-route.ts';
import { TrunkRegistrations } from './trunk-registrations.ts';

export type EmbeddedEngineOptions = {
  /** Owned from here on: closed with the engine. */
  readonly endpoint: SipEndpoint;
  /** Owned from here on: closed with the engine. */
  readonly media: MediaService;
  /** The IPv4 address that goes into our session descriptions. */
  readonly rtpHost: string;
  readonly clock: Clock;
  /** Of the system: SRTP keys are drawn from it. */
  readonly random: Random;
  readonly logger: Logger;
  /** Tells this process from others that register the same account (RFC 5626 section 4.1), a URN; null: it isn't told. */
  readonly instanceId?: string | null;
  /** How a trunk's name becomes an address; the system's resolver unless given. */
  readonly lookup?: HostLookup;
  /** Told the address of a trunk before anything is sent there, again and again: the endpoint answers these addresses and no others. */
  readonly onTrunkAddress?: (address: string) => void;
};

/** How long the far sides have to answer our last CANCELs and BYEs. */
const closeGraceMs = 2000;

/** Session ids count up from an NTP time, as RFC 4566 5.2 suggests. */
const ntpEpochOffsetS = 2_208_988_800;

/** The engine of our own: SIP and RTP of `src/telephony`, one {@link EmbeddedLeg} per call. */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): CallEngine {
  const { endpoint, media, rtpHost, clock, random, logger } = options;
  let sessionId = Math.floor(clock.now() / 1000) + ntpEpochOffsetS;
  const resolver = telling(createHostResolver(options.lookup ?? systemLookup, clock), options.onTrunkAddress);
  const locate = (uri: string): Promise<readonly Hop[]> => hopsOf(uri, resolver);
  const registrations = new TrunkRegistrations({ endpoint, locate, instanceId: options.instanceId ?? null });
  const context: LegContext = {
    endpoint,
    media,
    locate,
    routesOf: (trunk) => registrations.routesOf(trunk),
    clock,
    random,
    logger,
    sipHost: endpoint.local.address === '0.0.0.0' ? rtpHost : endpoint.local.address,
    rtpHost,
    nextSessionId: () => {
      sessionId += 1;
      return sessionId;
    },
  };
  const legs = new Set<EmbeddedLeg>();
  const whenIdle: (() => void)[] = [];
  let closed: Promise<void> | null = null;

  function forget(leg: EmbeddedLeg): void {
    legs.delete(leg);
    if (legs.size === 0) for (const resolve of whenIdle.splice(0)) resolve();
  }

  async function close(): Promise<void> {
    for (const leg of legs) leg.close();
    const idle = legs.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => whenIdle.push(resolve));
    // Legs that are still opening have no SIP call yet and end by themselves; the endpoint ends the others.
    await endpoint.close(closeGraceMs);
    await idle;
    await media.close();
  }

  return {
    get room() {
      return media.room;
    },
    dial(request, observer) {
      const observeLeg = (event: LegEvent): void => {
        if (event.type === 'ended') forget(leg);
        observer(event);
      };
      const leg: EmbeddedLeg = new EmbeddedLeg(context, request, observeLeg);
      legs.add(leg);
      if (closed !== null) leg.close();
      return leg;
    },
    loadPrompt: (prompt) => media.loadPrompt(prompt),
    unloadPrompt: (promptKey) => media.unloadPrompt(promptKey),
    async probe(trunk, signal) {
      // A trunk that is nowhere does not answer; why, a call will tell.
      const hops = await locate(firstUriOf(trunk, context.routesOf(trunk))).catch(() => []);
      return hops.length === 0 || signal.aborted ? null : endpoint.options(hops, signal);
    },
    register: (request, observer) => registrations.register(request, observer),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Rejects with the reason when the host is not found. */
async function hopsOf(uri: string, resolver: HostResolver): Promise<readonly Hop[]> {
  const parsed = parseSipUri(uri);
  if (parsed === null) throw new Error(`${uri} is no SIP address`);
  const resolution = await resolver.resolve(parsed.host);
  if (!resolution.isResolved) throw new Error(resolution.reason);
  return [udpHop({ address: resolution.address, port: parsed.port ?? 5060 })];
}

/** A resolver that says aloud what it found. */
function telling(resolver: HostResolver, onAddress: ((address: string) => void) | undefined): HostResolver {
  return {
    async resolve(host) {
      const resolution = await resolver.resolve(host);
      if (resolution.isResolved) onAddress?.(resolution.address);
      return resolution;
    },
  };
}

async function systemLookup(host: string): Promise<string> {
  const found = await lookup(host, { family: 4 });
  return found.address;
}
