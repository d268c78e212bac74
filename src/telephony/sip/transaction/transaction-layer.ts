import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { Hop, SeenAddress, SocketAddress } from '../endpoint-types.ts';
import { parseMessage } from '../message/parse-message.ts';
import { ResponseTemplate, responseDestination } from '../message/response-template.ts';
import type { SipMessage } from '../message/sip-message.ts';
import { branchCookie } from '../message/via.ts';
import { detached } from '../message/wire-text.ts';
import type { RequestFields } from '../message/write-request.ts';
import { MessageTaps } from '../trace/message-taps.ts';
import { isSameHost } from '../transport/ip-address.ts';
import { LargeRequests } from '../transport/large-request.ts';
import type { LocalName, LocalNames } from '../transport/local-names.ts';
import type { PeerGate } from '../transport/peer-gate.ts';
import { SeenAddresses } from '../transport/seen-addresses.ts';
import type { MessageTransport, SendResult, Source } from '../transport/transport.ts';
import { ClientTransaction, type ClientTransactionOwner, type ClientTransactionUser } from './client-transaction.ts';
import { ServerTransaction, type ServerTransactionOwner } from './server-transaction.ts';
import type { TimerWheel } from './timer-wheel.ts';
import { giveUpAfter, type SipTiming } from './timing.ts';
import { type SignallingCounters, zeroCounters } from './transaction-context.ts';

/** Who takes the requests that others send. Must not throw. */
export interface TransactionLayerUser {
  /** Whether a request is within a call of ours: it names our tag, which nobody guesses. */
  belongsToCall(request: SipMessage): boolean;
  /** A new request other than ACK. `invite` is the INVITE that a CANCEL is about, null otherwise. */
  onRequest(request: SipMessage, transaction: ServerTransaction, invite: ServerTransaction | null): void;
  /** An ACK to a 2xx: it is a transaction of its own (RFC 3261 section 17.1.1.3) and belongs to a dialog. */
  onAck(ack: SipMessage): void;
}

export type TransactionLayerOptions = {
  readonly transport: MessageTransport;
  readonly wheel: TimerWheel;
  readonly timing: SipTiming;
  readonly logger: Logger;
  readonly user: TransactionLayerUser;
  readonly names: LocalNames;
  readonly clock: Clock;
  readonly gate: PeerGate;
};

/** More than this many server transactions at once is a flood: new requests are dropped, those under way go on. */
const maxServerTransactions = 250_000;

/** Owns all transactions: sends requests, and leads every datagram to the transaction it belongs to (RFC 3261 sections 17.1.3, 17.2.3). */
export class TransactionLayer implements ClientTransactionOwner, ServerTransactionOwner {
  readonly wheel: TimerWheel;
  readonly timing: SipTiming;
  readonly counters: SignallingCounters = zeroCounters();
  /** Who sees messages as they go over the wire. */
  readonly taps: MessageTaps;
  readonly #transport: MessageTransport;
  readonly #names: LocalNames;
  readonly #largeRequests: LargeRequests;
  readonly #seenAddresses: SeenAddresses;
  readonly #logger: Logger;
  readonly #user: TransactionLayerUser;
  readonly #gate: PeerGate;
  /** By branch; a CANCEL has its INVITE's branch and a mark. */
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #onStatelessSent = (error: Error | null): void => {
    if (error !== null) this.#logger.debug({ err: error }, 'sip message not sent, or its connection lost');
  };

  constructor(options: TransactionLayerOptions) {
    this.#transport = options.transport;
    this.#names = options.names;
    this.taps = new MessageTaps((hop) => this.nameFor(hop));
    this.wheel = options.wheel;
    this.timing = options.timing;
    this.#logger = options.logger;
    this.#user = options.user;
    this.#gate = options.gate;
    this.#largeRequests = new LargeRequests(options.clock);
    this.#seenAddresses = new SeenAddresses(options.names, options.logger);
    options.transport.receive((message, source) => this.#receive(message, source));
  }

  /** Transactions that are not terminated yet. */
  get size(): number {
    return this.#clients.size + this.#servers.size;
  }

  /** Sends a request in a transaction of its own. */
  request(fields: RequestFields, hop: Hop, user: ClientTransactionUser): ClientTransaction {
    const transaction = new ClientTransaction(fields, hop, user, this);
    this.#clients.set(clientKey(fields.branch, fields.method), transaction);
    transaction.start();
    return transaction;
  }

  /** Sends an ACK to a 2xx, which no transaction cares for. */
  sendAck(ack: Buffer, hop: Hop): void {
    this.send(ack, hop, this.#onStatelessSent);
  }

  nameFor(hop: Hop): LocalName {
    const port = this.#names.isReachedByConnection(hop) ? this.#transport.localPortTo(hop) : null;
    return port === null ? this.#names.of(hop) : this.#names.overConnection(hop, port);
  }

  send(message: Buffer, hop: Hop, onSent: SendResult): void {
    if (!this.taps.isEmpty) this.taps.sent(message, hop);
    this.#transport.send(message, hop, onSent);
  }

  release(onSent: SendResult): void {
    this.#transport.release(onSent);
  }

  wayTo(hop: Hop, length: number): Hop {
    return this.#largeRequests.wayTo(hop, length);
  }

  avoidTcp(hop: Hop): void {
    this.#largeRequests.avoidTcp(hop);
  }

  doubt(hop: Hop): void {
    this.#transport.doubt(hop, giveUpAfter(this.timing));
  }

  /** What peers see as our address, where it is another than we say. */
  get seenAddresses(): readonly SeenAddress[] {
    return this.#seenAddresses.differing;
  }

  seenBy(peer: string): SocketAddress | null {
    return this.#seenAddresses.by(peer);
  }

  forgetClient(transaction: ClientTransaction): void {
    this.#clients.delete(clientKey(transaction.branch, transaction.method));
  }

  forgetServer(transaction: ServerTransaction): void {
    this.#servers.delete(transaction.key);
  }

  /** The one way in for every message. */
  #receive(bytes: Buffer, remote: Source): void {
    this.counters.datagramsReceived++;
    // Whose connection it is, and how long a message may be there, was decided below.
    const isAdmitted = remote.transport !== 'udp' || this.#gate.admits(bytes.length, remote);
    const parsed = isAdmitted ? parseMessage(bytes) : null;
    if (parsed === null) {
      this.counters.datagramsDropped++;
      return;
    }
    const { message, flaw } = parsed;
    if (!this.taps.isEmpty) this.taps.received(message, bytes, remote);
    if (!message.isRequest) this.#receiveResponse(message, remote);
    else if (!this.#isAnswered(message, remote))
      this.#drop(message, 'it came from a stranger, and named no call of ours');
    else if (flaw === null) this.#receiveRequest(message, remote);
    else this.#refuseStateless(message, remote, flaw);
  }

  /**
   * Strangers are told nothing, not even that somebody is here, unless they speak within a call: a carrier's gateway may send its BYE from
   * an address that we never asked (RFC 3261 section 12.2 knows a dialog by its tags, not by addresses).
   */
  #isAnswered(request: SipMessage, remote: Source): boolean {
    if (this.#gate.isKnown(remote) || this.#user.belongsToCall(request)) return true;
    const key = serverKey(request, request.method === 'ACK' ? 'INVITE' : request.method);
    const existing = this.#servers.get(key);
    return existing !== undefined && isSameHost(existing.remote.address, remote.address);
  }

  /**
   * Section 17.1.3, and two checks more. It comes from the address that was asked; the port may differ, because some carriers answer from
   * another one. And it has our Via alone (section 8.1.3.3): with more it was meant for somebody else.
   */
  #receiveResponse(response: SipMessage, remote: Source): void {
    const branch = response.branch;
    const method = response.cseq?.method ?? '';
    const transaction = branch === null ? undefined : this.#clients.get(clientKey(branch, method));
    const isOurs =
      transaction?.method === method && isSameHost(transaction.hop.address, remote.address) && !response.hasFurtherVias;
    if (!isOurs) {
      this.#drop(response, whyNot(response, transaction));
      return;
    }
    this.#seenAddresses.learn(response, remote);
    transaction.receive(response);
  }

  #receiveRequest(request: SipMessage, remote: Source): void {
    const isAck = request.method === 'ACK';
    const key = serverKey(request, isAck ? 'INVITE' : request.method);
    const existing = this.#servers.get(key);
    if (existing !== undefined) {
      existing.receive(request);
      return;
    }
    if (isAck) {
      this.#user.onAck(request);
      return;
    }
    if (this.#servers.size >= maxServerTransactions) {
      this.#drop(request, 'there are too many requests under way');
      return;
    }
    // The key is kept for half a minute.
    const transaction = new ServerTransaction(detached(key), request, remote, this);
    this.#servers.set(transaction.key, transaction);
    const invite = request.method === 'CANCEL' ? (this.#servers.get(serverKey(request, 'INVITE')) ?? null) : null;
    this.#user.onRequest(request, transaction, invite);
  }

  #drop(message: SipMessage, reason: string): void {
    this.counters.datagramsDropped++;
    if (!this.taps.isEmpty) this.taps.ignored(message, reason);
  }

  /** A malformed request is told so once and forgotten (an ACK never is answered). */
  #refuseStateless(request: SipMessage, remote: Source, flaw: { status: number; reason: string }): void {
    this.#drop(request, flaw.reason);
    if (request.method === 'ACK' || request.via === null) return;
    const response = new ResponseTemplate(request, remote).write({
      status: flaw.status,
      reason: flaw.reason,
      toTag: 'malformed',
      lines: '',
      contentType: null,
      body: '',
    });
    this.send(response, responseDestination(request.via, remote), this.#onStatelessSent);
  }
}

/** Why a response is not taken (section 17.1.3 and our checks). */
function whyNot(response: SipMessage, transaction: ClientTransaction | undefined): string {
  if (transaction === undefined || transaction.method !== response.cseq?.method)
    return 'no request of ours waits for it';
  return response.hasFurtherVias ? 'it has more than our Via' : 'it came from an address that was not asked';
}

function clientKey(branch: string, method: string): string {
  return method === 'CANCEL' ? `${branch};cancel` : branch;
}

/** Section 17.2.3; where the branch has no cookie, or nothing after it, the sender is from before RFC 3261, and what identified a request then is compared. */
function serverKey(request: SipMessage, method: string): string {
  const via = request.via;
  const branch = via?.branch ?? '';
  if (branch.startsWith(branchCookie) && branch !== branchCookie)
    return `${branch}|${via?.host}:${via?.port ?? ''}|${method}`;
  return `${request.callId}|${request.fromTag}|${request.cseq?.number}|${request.header('via')}|${method}`;
}
