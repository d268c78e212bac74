import { createSocket, type RemoteInfo } from 'node:dgram';
import { type Behaviour, FarSideCall, type LedgerEntry } from './far-side-call.ts';
import { type RtpListener, startRtpListener } from './rtp-listener.ts';
import { branchOf, headerOf, parseSip, responseTo, type SipText } from './sip-text.ts';
import { until } from './until.ts';

/** A carrier with people behind it that keeps its own ledger of every INVITE. */
export interface FarSide {
  readonly port: number;
  readonly rtp: RtpListener;
  /** Every call so far, in order of arrival. */
  entries(): readonly LedgerEntry[];
  /** Calls that ring or talk. */
  inFlight(): number;
  /** Resolves when every call is over and its final response acknowledged; a caller may still be repeating its last requests after its own record is written. */
  settled(timeoutMs: number): Promise<void>;
  /** The people that talk hang up. */
  hangUpAll(): void;
  close(): Promise<void>;
}

export type FarSideOptions = {
  /** `nth` counts the calls to that number, from 1. */
  readonly behave: (number: string, nth: number) => Behaviour;
  /** The port in its Contact, to which the requests inside a call go: that of a relay in front of it. Its own unless given. */
  readonly contactPort?: () => number;
};

const host = '127.0.0.1';

/** Starts a UDP user agent server on a free loopback port. */
export async function startFarSide({ behave, contactPort }: FarSideOptions): Promise<FarSide> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const rtp = await startRtpListener();
  const { port } = socket.address();
  const timers = new Set<NodeJS.Timeout>();
  const later = (delayMs: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, delayMs);
    timers.add(timer);
  };
  const ledger = new Ledger(
    { socket, host, port, contactPort: contactPort ?? (() => port), rtpPort: rtp.port, later },
    behave,
  );
  socket.on('message', (packet, caller) => ledger.receive(packet, caller));
  return {
    port,
    rtp,
    entries: () => ledger.calls,
    inFlight: () => ledger.calls.reduce((count, call) => count + (call.end === null ? 1 : 0), 0),
    settled: async (timeoutMs) => {
      const isOpen = (call: FarSideCall): boolean => call.end === null || !call.isAcknowledged;
      await until(() => !ledger.calls.some(isOpen), {
        what: 'all calls to be over at the far side',
        timeoutMs,
        detail: () => JSON.stringify(ledger.calls.filter(isOpen)),
      });
    },
    hangUpAll: () => {
      for (const call of ledger.calls) if (call.isAnswered) call.hangUp();
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      await new Promise<void>((resolve) => socket.close(() => resolve()));
      await rtp.close();
    },
  };
}

class Ledger {
  readonly calls: FarSideCall[] = [];
  readonly #line: ConstructorParameters<typeof FarSideCall>[0];
  readonly #behave: FarSideOptions['behave'];
  readonly #byTransaction = new Map<string, FarSideCall>();
  readonly #byCallId = new Map<string, FarSideCall>();
  readonly #timesCalled = new Map<string, number>();

  constructor(line: ConstructorParameters<typeof FarSideCall>[0], behave: FarSideOptions['behave']) {
    this.#line = line;
    this.#behave = behave;
  }

  receive(packet: Buffer, caller: RemoteInfo): void {
    const message = parseSip(packet);
    if (message === null || message.method === null) return;
    const call = this.#byCallId.get(headerOf(message, 'call-id'));
    switch (message.method) {
      case 'INVITE':
        this.#onInvite(message, caller);
        return;
      case 'ACK':
        if (call !== undefined) call.isAcknowledged = true;
        return;
      case 'CANCEL':
      case 'BYE':
        this.#answer(message, caller, call !== undefined);
        if (message.method === 'BYE') call?.onBye();
        else call?.onCancel();
        return;
      default:
        this.#answer(message, caller, true);
    }
  }

  #onInvite(invite: SipText, caller: RemoteInfo): void {
    const transaction = `${headerOf(invite, 'call-id')} ${branchOf(invite)}`;
    const known = this.#byTransaction.get(transaction);
    if (known !== undefined) {
      known.repeatLast();
      return;
    }
    const call = new FarSideCall(this.#line, invite, caller);
    this.calls.push(call);
    this.#byTransaction.set(transaction, call);
    this.#byCallId.set(call.sipCallId, call);
    const nth = (this.#timesCalled.get(call.number) ?? 0) + 1;
    this.#timesCalled.set(call.number, nth);
    call.take(this.#behave(call.number, nth));
  }

  #answer(request: SipText, caller: RemoteInfo, isKnown: boolean): void {
    const [status, reason] = isKnown ? [200, 'OK'] : [481, 'Call/Transaction Does Not Exist'];
    const contact = `sip:${host}:${this.#line.contactPort()}`;
    const response = responseTo(request, { status, reason, toTag: 'far', contact, sdp: null });
    this.#line.socket.send(response, caller.port, caller.address);
  }
}
