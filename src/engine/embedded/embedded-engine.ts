import { isIPv6 } from 'node:net';
import type { CallEngine, LegEvent } from '../../call/engine.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Random } from '../../lib/random.ts';
import { createDnsResolver } from '../../telephony/dns/create-dns-resolver.ts';
import type { DnsResolver } from '../../telephony/dns/dns-resolver.ts';
import type { MediaService } from '../../telephony/rtp/media-types.ts';
import type { SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { EmbeddedLeg, type LegContext } from './embedded-leg.ts';
import { examineTrunk } from './examine-trunk.ts';
import { KeyTones } from './key-tones.ts';
import { probeServers } from './probe-servers.ts';
import { domainUri, firstUriOf } from './signalling-route.ts';
import { TrunkLocator } from './trunk-locator.ts';
import { TrunkRegistrations } from './trunk-registrations.ts';

export type EmbeddedEngineOptions = {
  /** Owned from here on: closed with the engine. */
  readonly endpoint: SipEndpoint;
  /** Owned from here on: closed with the engine. */
  readonly media: MediaService;
  /**
   * The addresses that go into our session descriptions, in the families of the media service's: its own ones, or those that others reach them by. One of
   * either family, or one of each, the preferred first.
   */
  readonly rtpHosts: readonly string[];
  readonly clock: Clock;
  /** Of the system: SRTP keys are drawn from it. */
  readonly random: Random;
  readonly logger: Logger;
  /** Tells this process from others that register the same account (RFC 5626 section 4.1), a URN; null: it isn't told. */
  readonly instanceId?: string | null;
  /** How trunks' names become addresses; as the system does it unless given. */
  readonly dns?: DnsResolver;
  /** The families that the endpoint sends from, the preferred first; that of its own address unless given. */
  readonly families?: readonly (4 | 6)[];
  /** Told the addresses of trunks before anything is sent there, and when they change: the endpoint answers these addresses and no others. */
  readonly onTrunkAddress?: (address: string) => void;
};

/** How long the far sides have to answer our last CANCELs and BYEs. */
const closeGraceMs = 2000;

/** Session ids count up from an NTP time, as RFC 4566 5.2 suggests. */
const ntpEpochOffsetS = 2_208_988_800;

/** The engine of our own: SIP and RTP of `src/telephony`, one {@link EmbeddedLeg} per call. */
export function createEmbeddedEngine(options: EmbeddedEngineOptions): CallEngine {
  const { endpoint, media, rtpHosts, clock, random, logger } = options;
  let sessionId = Math.floor(clock.now() / 1000) + ntpEpochOffsetS;
  const families = options.families ?? [isIPv6(endpoint.local.address) ? 6 : 4];
  const dns = options.dns ?? createDnsResolver({ servers: null, clock, random });
  const locator = new TrunkLocator({ ...options, dns, families });
  const locate = locator.hopsOf;
  const registrations = new TrunkRegistrations({ endpoint, locate, instanceId: options.instanceId ?? null });
  const context: LegContext = {
    endpoint,
    media,
    keyTones: new KeyTones(media),
    locate,
    routesOf: (trunk) => registrations.routesOf(trunk),
    clock,
    random,
    logger,
    rtpHosts,
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
    locator.close();
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
    expectTrunks(trunks) {
      media.expectCodecs([...new Set(trunks.flatMap(({ codecs }) => codecs))]);
      for (const trunk of trunks) void locate(firstUriOf(trunk, context.routesOf(trunk)), trunk).catch(() => undefined);
    },
    loadPrompt: (prompt) => media.loadPrompt(prompt),
    unloadPrompt: (promptKey) => media.unloadPrompt(promptKey),
    async probe(trunk, signal) {
      // A trunk that is nowhere does not answer; why, a call will tell.
      const routes = context.routesOf(trunk);
      const hops = await locate(firstUriOf(trunk, routes), trunk).catch(() => []);
      if (hops.length === 0 || signal.aborted) return null;
      return probeServers(hops, (hop) => endpoint.options([hop], signal, { uri: domainUri(trunk), routes }));
    },
    examine: (trunk, signal) => examineTrunk(trunk, signal, context),
    register: (request, observer) => registrations.register(request, observer),
    close() {
      closed ??= close();
      return closed;
    },
  };
}
