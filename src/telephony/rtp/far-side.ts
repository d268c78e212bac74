import { isIPv6 } from 'node:net';
import { assertNever } from '../../lib/errors.ts';
import type { DatagramSocket } from './datagram-socket.ts';
import {
  initialLatch,
  isSameAddress,
  type LatchAction,
  type LatchInput,
  type LatchState,
  type MediaAddress,
  stepLatch,
} from './latch-machine.ts';

/** Told that media comes from elsewhere than announced; both as they are written in logs. */
export type LatchReport = (announced: string, actual: string) => void;

/** The address that RFC 2543 used for hold, in both families: it says nothing about where media comes from. */
export function isHoldAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/**
 * The shell around {@link stepLatch}: one socket, connected to the far side as soon as that is settled, and where to send. A connected socket costs
 * less for each packet, and has the kernel drop everybody else.
 */
export class FarSide {
  readonly #socket: DatagramSocket;
  readonly #report: LatchReport;
  #state: LatchState;
  #target: MediaAddress | null = null;
  #isConnected = false;

  /** `former`: the far side of the call before on this socket. */
  constructor(socket: DatagramSocket, former: MediaAddress | null, report: LatchReport) {
    this.#socket = socket;
    this.#report = report;
    this.#state = initialLatch(former);
  }

  /** Whether {@link isSource} says everything about a packet, and {@link step} need not be asked. */
  get isSettled(): boolean {
    return this.#state.phase === 'latched';
  }

  /** Whether the passing of time may settle it. */
  get isTrying(): boolean {
    return this.#state.phase === 'trying';
  }

  /** Who is heard; null: nobody is yet. */
  get source(): MediaAddress | null {
    return this.#state.source;
  }

  isSource(source: MediaAddress): boolean {
    return isSameAddress(this.#state.source, source);
  }

  send(packet: Buffer): void {
    if (this.#isConnected) this.#socket.send(packet);
    else if (this.#target !== null) this.#socket.sendTo(packet, this.#target);
  }

  /** One input of the machine. True: it was the far side's packet. */
  step(input: LatchInput): boolean {
    const { state, actions } = stepLatch(this.#state, input);
    this.#state = state;
    let isTaken = false;
    for (const action of actions) {
      if (action === 'take') isTaken = true;
      else this.#run(action);
    }
    return isTaken;
  }

  /** Leaves the socket unconnected, as it was. Returns who the far side was; null: it was never heard. */
  close(): MediaAddress | null {
    this.#disconnect();
    return this.#state.source;
  }

  #run(action: Exclude<LatchAction, 'take'>): void {
    switch (action) {
      case 'redirect':
        this.#redirect();
        return;
      case 'connect':
        this.#connect();
        return;
      case 'disconnect':
        this.#disconnect();
        return;
      default:
        assertNever(action);
    }
  }

  #redirect(): void {
    const { source, announced } = this.#state;
    this.#target = source ?? announced;
    if (source === null || isSameAddress(source, announced)) return;
    this.#report(written(announced), written(source));
  }

  #connect(): void {
    const { source } = this.#state;
    if (source === null) return;
    this.#socket.connect(source);
    this.#isConnected = true;
  }

  #disconnect(): void {
    this.#isConnected = false;
    this.#socket.disconnect();
  }
}

function written({ address, port }: MediaAddress): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
