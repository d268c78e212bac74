import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { Random } from '../lib/random.ts';
import { PortPool, type PortRange } from '../telephony/rtp/port-pool.ts';
import type { Credentials, IncomingCall, SipEndpoint, SocketAddress } from '../telephony/sip/endpoint-types.ts';
import type { CarrierLedger } from './carrier-ledger.ts';
import type { DigestGate } from './digest-gate.ts';
import { createDigestGate } from './digest-gate.ts';
import { createHandsetCodecs } from './ear.ts';
import { Handset } from './handset.ts';
import { type HandsetOffer, readOffer, writeHandsetAnswer } from './handset-sdp.ts';
import { type OpenHandset, PhoneCall, type PhoneCallResult } from './phone-call.ts';
import type { ReactionOf } from './reaction.ts';

export type CarrierOptions = {
  /** Owned from here on: closed with the carrier. */
  readonly endpoint: SipEndpoint;
  /** The address that handsets listen on and that goes into answers. */
  readonly rtpHost: string;
  readonly rtpPorts: PortRange;
  readonly react: ReactionOf;
  /** Owned from here on: closed with the carrier. */
  readonly ledger: CarrierLedger;
  /** What callers must know; null: everybody may call. */
  readonly credentials: Credentials | null;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** A carrier with scripted people behind it, over real SIP and RTP. */
export interface Carrier {
  /** Where it takes calls. */
  readonly address: SocketAddress;
  readonly ledger: CarrierLedger;
  /** Hangs up what is left and frees the sockets. */
  close(): Promise<void>;
}

/** What still arrives for an old call must not be heard in a new one. */
const portDrainMs = 1000;
const closeGraceMs = 1000;

export function createSimulatedCarrier(options: CarrierOptions): Carrier {
  const { endpoint, ledger } = options;
  const exchange = new Exchange(options);
  endpoint.onInvite((call) => exchange.take(call));
  return {
    address: endpoint.local,
    ledger,
    async close() {
      await endpoint.close(closeGraceMs);
      await ledger.close();
    },
  };
}

/** Takes incoming calls to the people who are called. */
class Exchange {
  readonly #options: CarrierOptions;
  readonly #ports: PortPool;
  readonly #codecs = createHandsetCodecs();
  readonly #gate: DigestGate | null;
  #sessionId = 0;

  constructor(options: CarrierOptions) {
    this.#options = options;
    this.#ports = new PortPool(options.rtpPorts, portDrainMs, options.clock);
    this.#gate = options.credentials === null ? null : createDigestGate(options.credentials, options.random);
  }

  take(call: IncomingCall): void {
    if (this.#gate !== null && !this.#gate.isAuthorized(call.header('proxy-authorization'))) {
      call.reject(407, 'Proxy Authentication Required', [['Proxy-Authenticate', this.#gate.challenge()]]);
      return;
    }
    const number = numberOf(call.requestUri);
    if (number === null) {
      call.reject(484, 'Address Incomplete');
      return;
    }
    const { ledger, react } = this.#options;
    const timesCalled = ledger.timesCalled(number) + 1;
    const reaction = react(number, timesCalled);
    ledger.write({
      event: 'invite',
      at: this.#now(),
      callId: call.sipCallId,
      number,
      timesCalled,
      reaction: reaction.kind,
    });
    const offer = call.offer === null ? null : readOffer(call.offer);
    if (offer === null) {
      call.reject(488, 'Not Acceptable Here');
      this.#end(call, number, { status: 488, rtpPackets: null, heardSound: null, digit: null });
      return;
    }
    new PhoneCall({
      clock: this.#options.clock,
      call,
      reaction,
      offer,
      ssrc: Math.floor(this.#options.random.float() * 0x100000000),
      openHandset: () => this.#openHandset(offer),
      onOver: (result) => this.#end(call, number, result),
    });
  }

  /** Passes over ports that somebody else on the machine holds. */
  async #openHandset(offer: HandsetOffer): Promise<OpenHandset | null> {
    const { clock, logger, rtpHost } = this.#options;
    for (let port = this.#ports.take(); port !== null; port = this.#ports.take()) {
      const taken = port;
      try {
        const local = { address: rtpHost, port };
        const onClosed = (): void => this.#ports.release(taken);
        const handset = await Handset.open(local, { clock, logger, codecs: this.#codecs, onClosed });
        this.#sessionId += 1;
        return { handset, sdp: writeHandsetAnswer(local, offer, this.#sessionId) };
      } catch (error) {
        logger.debug({ port, reason: messageOf(error) }, 'handset port passed over');
      }
    }
    logger.warn('no handset port free, call refused');
    return null;
  }

  #end(call: IncomingCall, number: string, result: PhoneCallResult): void {
    this.#options.ledger.write({ event: 'end', at: this.#now(), callId: call.sipCallId, number, ...result });
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** The user part of a SIP URI, if it is a phone number. */
function numberOf(uri: string): string | null {
  return /^sips?:\+?(\d{3,20})(?:[;@]|$)/i.exec(uri)?.[1] ?? null;
}
