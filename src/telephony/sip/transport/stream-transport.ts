import { createHash } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { Random } from '../../../lib/random.ts';
import type { Hop, TlsProfile } from '../endpoint-types.ts';
import { systemTlsProfile } from './hop.ts';
import { canonicalAddress, isUnicast } from './ip-address.ts';
import type { IsKnownPeer } from './peer-gate.ts';
import { StreamConnection, type StreamConnectionOwner } from './stream-connection.ts';
import type { IncomingStream, StreamNetwork } from './stream-network.ts';
import type { LossObserver, MessageReceiver, SendResult, Source } from './transport.ts';

export type StreamTransportOptions = {
  readonly network: StreamNetwork;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Whose connections are taken. */
  readonly isKnownPeer: IsKnownPeer;
};

/** More connections than this hold only sockets up: honest peers use one or a few each. */
const maxConnections = 2_000;
/** Of those that one address makes to us. */
const maxIncomingPerAddress = 100;

/** What the connections have come to. */
export type StreamFigures = {
  readonly connections: number;
  /** Since the start, those of strangers and those over a limit. */
  readonly connectionsRefused: number;
};

/**
 * All TCP and TLS connections: one to each (transport, address, port, TLS profile and server name), made when something is to be sent, and those
 * that come in (RFC 3261 section 18, RFC 5923 in spirit). A request goes over the connection that leads to its hop; a response over the one that
 * its request came on, else over one to the address that the Via named (section 18.2.2).
 */
export class StreamTransport implements StreamConnectionOwner {
  readonly clock: Clock;
  readonly random: Random;
  readonly #network: StreamNetwork;
  readonly #logger: Logger;
  readonly #isKnownPeer: IsKnownPeer;
  readonly #outgoing = new Map<string, StreamConnection>();
  readonly #all = new Map<number, StreamConnection>();
  readonly #incomingPerAddress = new Map<string, number>();
  readonly #connectionOf = new Map<SendResult, StreamConnection>();
  readonly #profileKeys = new WeakMap<TlsProfile, string>();
  #receiver: MessageReceiver | null = null;
  #onLost: LossObserver = () => undefined;
  #lastId = 0;
  #refused = 0;

  constructor(options: StreamTransportOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.#network = options.network;
    this.#logger = options.logger;
    this.#isKnownPeer = options.isKnownPeer;
    options.network.onIncoming((incoming) => this.#onIncoming(incoming));
  }

  get figures(): StreamFigures {
    return { connections: this.#all.size, connectionsRefused: this.#refused };
  }

  receive(receiver: MessageReceiver): void {
    this.#receiver = receiver;
  }

  observeLoss(observer: LossObserver): void {
    this.#onLost = observer;
  }

  send(message: Buffer, to: Hop | Source, onSent: SendResult): void {
    const connection = this.#find(to) ?? this.#connect(to);
    if (connection instanceof Error) {
      process.nextTick(onSent, connection);
      return;
    }
    this.#connectionOf.set(onSent, connection);
    connection.send(message, onSent);
  }

  release(onSent: SendResult): void {
    this.#connectionOf.get(onSent)?.release(onSent);
    this.#connectionOf.delete(onSent);
  }

  /** Our end's port of the connection that leads there; null: there is none yet. */
  localPortTo(hop: Hop): number | null {
    return this.#find(hop)?.localPort ?? null;
  }

  doubt(hop: Hop, silentMs: number): void {
    const connection = this.#find(hop);
    if (connection === null || this.clock.monotonic() - connection.heardAtMs < silentMs) return;
    connection.close(new Error('the far side does not answer any more'));
  }

  async close(): Promise<void> {
    for (const connection of [...this.#all.values()]) connection.close(null);
    await this.#network.close();
  }

  onMessage(message: Buffer, connection: StreamConnection): void {
    this.#receiver?.(message, connection.source);
  }

  onClosed(connection: StreamConnection, error: Error | null): void {
    const { source } = connection;
    const { address, port, transport } = source;
    if (source.connectionId !== null) this.#all.delete(source.connectionId);
    const key = this.#keyOf(source);
    const isOurs = this.#outgoing.get(key) === connection;
    if (isOurs) this.#outgoing.delete(key);
    else this.#countIncoming(address, -1);
    const reason = error === null ? 'nothing was said for long' : error.message;
    this.#logger.info({ address, port, transport, reason }, 'sip connection closed');
    if (isOurs) this.#onLost(source, reason);
  }

  #find(to: Hop | Source): StreamConnection | null {
    const id = 'connectionId' in to ? to.connectionId : null;
    const cameOver = id === null ? undefined : this.#all.get(id);
    return cameOver ?? this.#outgoing.get(this.#keyOf(to)) ?? null;
  }

  #connect(to: Hop): StreamConnection | Error {
    const { address, port, transport } = to;
    if (port < 1 || port > 65535 || !isUnicast(address))
      return new RangeError(`nobody to send to at ${address}:${port}`);
    if (this.#all.size >= maxConnections) return new Error('too many SIP connections are open');
    // A response over TLS whose connection has gone: only the address is known of the one to connect to.
    const tls = transport === 'tls' ? (to.tls ?? { serverName: address, profile: systemTlsProfile }) : null;
    const source: Source = { address, port, transport, tls, connectionId: ++this.#lastId };
    const connection = new StreamConnection(source, 'outgoing', this, (observer) =>
      this.#network.connect(source, observer),
    );
    this.#all.set(this.#lastId, connection);
    this.#outgoing.set(this.#keyOf(source), connection);
    return connection;
  }

  #onIncoming(incoming: IncomingStream): void {
    const { transport } = incoming;
    const address = canonicalAddress(incoming.remote.address);
    const count = this.#incomingPerAddress.get(address) ?? 0;
    if (!this.#isKnownPeer(address) || count >= maxIncomingPerAddress || this.#all.size >= maxConnections) {
      this.#refused++;
      incoming.refuse();
      return;
    }
    const connectionId = ++this.#lastId;
    const tls = transport === 'tls' ? { serverName: address, profile: systemTlsProfile } : null;
    const source: Source = { address, port: incoming.remote.port, transport, tls, connectionId };
    this.#countIncoming(address, 1);
    this.#all.set(
      connectionId,
      new StreamConnection(source, 'incoming', this, (observer) => incoming.accept(observer)),
    );
  }

  #countIncoming(address: string, change: 1 | -1): void {
    const count = (this.#incomingPerAddress.get(address) ?? 0) + change;
    if (count > 0) this.#incomingPerAddress.set(address, count);
    else this.#incomingPerAddress.delete(address);
  }

  #keyOf({ transport, address, port, tls }: Hop): string {
    const start = `${transport} ${canonicalAddress(address)} ${port}`;
    return transport !== 'tls' || tls === null ? start : `${start} ${tls.serverName} ${this.#profileKey(tls.profile)}`;
  }

  /** Profiles are compared by what they say: they may be read anew from wherever they are kept. */
  #profileKey(profile: TlsProfile): string {
    let key = this.#profileKeys.get(profile);
    if (key === undefined) {
      const { caCertificates, certificate, privateKey, isVerified } = profile;
      const text = JSON.stringify([caCertificates, certificate, privateKey, isVerified]);
      key = createHash('sha256').update(text).digest('hex');
      this.#profileKeys.set(profile, key);
    }
    return key;
  }
}
