import { isIP } from 'node:net';
import type {
  TrunkRegisterRequest,
  TrunkRegistration,
  TrunkRegistrationObserver,
  TrunkTarget,
} from '../../call/engine.ts';
import type { Hop, RegisterOptions, Registration, SipEndpoint } from '../../telephony/sip/endpoint-types.ts';
import { escapeUser } from './caller-identity.ts';
import { domainUri, firstUriOf, routesOf } from './signalling-route.ts';
import { credentialsOf } from './trunk-credentials.ts';

export type TrunkRegistrationsOptions = {
  readonly endpoint: Pick<SipEndpoint, 'register'>;
  /** Where a URI of the trunk leads; rejects with the reason when nowhere. */
  readonly locate: (uri: string, trunk: TrunkTarget) => Promise<readonly Hop[]>;
  /** Tells the connections of this process from those of others (RFC 5626); null: it isn't told. */
  readonly instanceId: string | null;
};

/** How long a registrar has to answer when a registration is taken back. */
const removalGraceMs = 2000;

/** The registrations of an engine, and what the registrars said about the way of calls. */
export class TrunkRegistrations {
  readonly #options: TrunkRegistrationsOptions;
  readonly #open = new Map<number, Registration>();

  constructor(options: TrunkRegistrationsOptions) {
    this.#options = options;
  }

  register({ trunk, expiresS }: TrunkRegisterRequest, observer: TrunkRegistrationObserver): TrunkRegistration {
    let isClosed = false;
    const registration = this.#options.endpoint.register(this.#optionsOf(trunk, expiresS), (status) => {
      if (isClosed) return;
      const { state, expiresAt, nextTryAt } = status;
      observer({ state, expiresAt, nextTryAt, reason: status.reason && reasonFrom(trunk.host, status.reason) });
    });
    this.#open.set(trunk.trunkId, registration);
    return {
      close: () => {
        isClosed = true;
        if (this.#open.get(trunk.trunkId) === registration) this.#open.delete(trunk.trunkId);
        return registration.close(removalGraceMs);
      },
    };
  }

  /** The Route values of requests to a trunk, in order. */
  routesOf(trunk: TrunkTarget): readonly string[] {
    return routesOf(trunk, this.#open.get(trunk.trunkId)?.status.serviceRoute ?? []);
  }

  #optionsOf(trunk: TrunkTarget, expiresS: number): RegisterOptions {
    const { locate, instanceId } = this.#options;
    const user = escapeUser(trunk.username ?? 'anonymous');
    const domain = trunk.fromDomain ?? trunk.host;
    const routes = routesOf(trunk, []);
    return {
      registrarUri: domainUri(trunk),
      addressOfRecord: `sip:${user}@${isIP(domain) === 6 ? `[${domain}]` : domain}`,
      locate: () => locate(firstUriOf(trunk, routes), trunk),
      routes,
      contactUser: user,
      furtherContacts: [],
      credentials: credentialsOf(trunk),
      expiresS,
      instanceId,
    };
  }
}

/** For people who have several trunks: who said it. Our own words on the host name it already. */
function reasonFrom(host: string, reason: string): string {
  return reason.includes(host) ? reason : `${reason} from ${host}`;
}
