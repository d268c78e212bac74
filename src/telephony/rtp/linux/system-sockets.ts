import { closeSync, openSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { constants } from 'node:os';
import type { DatagramListener, DatagramSocket, DatagramSockets } from '../datagram-socket.ts';
import type { MediaAddress } from '../latch-machine.ts';
import type { MediaPort } from '../media-port.ts';
import { arrivalTimes, DatagramBatch, noSource } from './datagram-batch.ts';
import { type Libc, systemError } from './libc.ts';
import { NativeMemory } from './native-memory.ts';
import { ipv4Family, ipv6Family, SocketAddresses, socketAddressWords } from './socket-address.ts';

export type SystemSocketsOptions = {
  readonly libc: Libc;
  /** Monotonic milliseconds. */
  readonly now: () => number;
};

const { EAGAIN, ECONNREFUSED, ENOBUFS } = constants.errno;

/** SOCK_DGRAM, SOCK_NONBLOCK and SOCK_CLOEXEC. */
const nonBlockingDatagrams = 2 | 0x800 | 0x8_0000;
/** O_CLOEXEC */
const closeOnExec = 0x8_0000;
/** SOL_SOCKET and SO_RCVBUF. */
const socketLevel = 1;
const receiveBufferSize = 8;

/** Room for the packets of more than a second, as the system counts them: with what it keeps beside each. */
const liveBufferBytes = 106_496;
/** The system makes of it the least that it can: one or two packets. */
const idleBufferBytes = 0;
/** So many batches are taken from one socket in one turn at most: nobody who floods it keeps the others from theirs. */
const batchesPerTurn = 8;
/** The machine's clock is set right by somebody now and then. */
const clockCheckMs = 1000;

/**
 * Sockets of Linux by system calls, for a thread that looks at each of its sockets every packet time anyhow: no event loop, no event and no object for a datagram. The time at
 * which a datagram came is the kernel's, so that jitter is true although nobody looked.
 */
export class SystemSockets implements DatagramSockets {
  readonly #thread: SystemThread;

  constructor(options: SystemSocketsOptions) {
    this.#thread = new SystemThread(options);
  }

  get packetsDropped(): number {
    return this.#thread.packetsDropped;
  }

  async bind(at: MediaPort): Promise<DatagramSocket> {
    return new SystemSocket(this.#thread, this.#thread.bind(at));
  }
}

/** What the sockets of a thread share. */
class SystemThread {
  readonly libc: Libc;
  readonly now: () => number;
  readonly addresses: SocketAddresses;
  readonly batch: DatagramBatch;
  /** Packets that the system had no room to send. */
  packetsDropped = 0;
  readonly #scratch: NativeMemory;
  #clockAheadMs = 0;
  #clockCheckedMs = Number.NEGATIVE_INFINITY;

  constructor({ libc, now }: SystemSocketsOptions) {
    this.libc = libc;
    this.now = now;
    this.addresses = new SocketAddresses(libc);
    this.batch = new DatagramBatch(libc, this.addresses);
    this.#scratch = new NativeMemory(libc, socketAddressWords * 4);
  }

  /** A bound socket with the least of room. Throws the system's error. */
  bind({ host, port }: MediaPort): number {
    const { libc } = this;
    // Node closes what Node opened when the thread ends, however it ends; so the socket takes the number of such a file.
    const fd = openSync('/dev/null', 'r');
    const socket = libc.socket(isIPv6(host) ? ipv6Family : ipv4Family, nonBlockingDatagrams, 0);
    try {
      if (socket === -1) throw systemError('socket', libc.errno());
      const length = this.addresses.write({ address: host, port }, this.#scratch);
      if (libc.bind(socket, this.#scratch.address, length) === -1) throw systemError('bind', libc.errno());
      if (libc.dup3(socket, fd, closeOnExec) === -1) throw systemError('dup3', libc.errno());
    } catch (error) {
      closeSync(fd);
      throw error;
    } finally {
      if (socket !== -1) libc.close(socket);
    }
    this.#setOption(fd, arrivalTimes, 1);
    this.setRoom(fd, idleBufferBytes);
    return fd;
  }

  /** Connects a socket; null: disconnects it. Returns what failed; 0: nothing. */
  connect(fd: number, target: MediaAddress | null): number {
    const { libc } = this;
    const scratch = this.#scratch;
    // AF_UNSPEC undoes a connection.
    if (target === null) scratch.words.fill(0);
    const length = target === null ? scratch.bytes.length : this.addresses.write(target, scratch);
    return libc.connect(fd, scratch.address, length) === -1 ? libc.errno() : 0;
  }

  /** How much may wait at a socket. */
  setRoom(fd: number, bytes: number): void {
    this.#setOption(fd, receiveBufferSize, bytes);
  }

  /** A time of the machine's clock on the thread's. */
  toThreadMs(clockMs: number, nowMs: number): number {
    if (Math.abs(nowMs - this.#clockCheckedMs) >= clockCheckMs) this.#checkClock(nowMs);
    return Math.min(nowMs, clockMs - this.#clockAheadMs);
  }

  #checkClock(nowMs: number): void {
    // CLOCK_REALTIME
    this.libc.clock_gettime(0, this.#scratch.address);
    const [seconds = 0, , nanoseconds = 0] = this.#scratch.words;
    this.#clockAheadMs = seconds * 1000 + nanoseconds / 1_000_000 - this.now();
    this.#clockCheckedMs = nowMs;
  }

  #setOption(fd: number, name: number, value: number): void {
    this.#scratch.words[0] = value;
    if (this.libc.setsockopt(fd, socketLevel, name, this.#scratch.address, 4) === -1) {
      throw systemError('setsockopt', this.libc.errno());
    }
  }
}

class SystemSocket implements DatagramSocket {
  readonly #thread: SystemThread;
  /** -1 when it is closed. */
  #fd: number;
  readonly #source = noSource();
  #listener: DatagramListener | null = null;
  #isConnected = false;
  #packet: Buffer | null = null;
  #packetAddress = 0;
  #target: MediaAddress | null = null;
  /** `target` as the system wants it; made with the first packet to an address. */
  #targetMemory: NativeMemory | null = null;
  #targetLength = 0;

  constructor(thread: SystemThread, fd: number) {
    this.#thread = thread;
    this.#fd = fd;
  }

  listen(listener: DatagramListener | null): void {
    this.#thread.setRoom(this.#fd, listener === null ? idleBufferBytes : liveBufferBytes);
    this.#listener = null;
    this.poll();
    this.#listener = listener;
  }

  poll(): void {
    const { batch } = this.#thread;
    for (let turn = 0; turn < batchesPerTurn; turn += 1) {
      const count = batch.receive(this.#fd);
      // After the far side's word that it does not listen, what it says may wait.
      if (count === -1 && this.#fail('recvmmsg') === ECONNREFUSED) continue;
      for (let index = 0; index < count; index += 1) this.#hand(index);
      if (!batch.isFull) return;
    }
  }

  send(packet: Buffer): void {
    const { libc } = this.#thread;
    if (libc.send(this.#fd, this.#addressOf(packet), packet.length, 0) === -1) this.#fail('send');
  }

  sendTo(packet: Buffer, target: MediaAddress): void {
    const { libc } = this.#thread;
    const memory = this.#aimAt(target);
    const data = this.#addressOf(packet);
    const sent = libc.sendto(this.#fd, data, packet.length, 0, memory.address, this.#targetLength);
    if (sent === -1) this.#fail('sendto');
  }

  connect(target: MediaAddress): void {
    const errno = this.#thread.connect(this.#fd, target);
    this.#isConnected = errno === 0;
    if (errno !== 0) this.#listener?.onSocketError(systemError('connect', errno));
  }

  disconnect(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    this.#thread.connect(this.#fd, null);
  }

  close(): void {
    this.#listener = null;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #hand(index: number): void {
    const thread = this.#thread;
    const packet = thread.batch.packet(index);
    if (packet === null || this.#listener === null) return;
    const nowMs = thread.now();
    const arrivalMs = thread.batch.arrivalMs(index);
    const source = thread.batch.source(index, this.#source);
    this.#listener.receive(packet, source, arrivalMs === null ? nowMs : thread.toThreadMs(arrivalMs, nowMs));
  }

  /** Returns why the latest call failed. */
  #fail(syscall: string): number {
    const errno = this.#thread.libc.errno();
    // ECONNREFUSED is ICMP's word of the far side's port; EAGAIN where one receives, that nothing waits.
    if (errno === ECONNREFUSED || (errno === EAGAIN && syscall === 'recvmmsg')) return errno;
    if (errno === EAGAIN || errno === ENOBUFS) this.#thread.packetsDropped += 1;
    else this.#listener?.onSocketError(systemError(syscall, errno));
    return errno;
  }

  #addressOf(packet: Buffer): number {
    if (packet !== this.#packet) {
      this.#packet = packet;
      this.#packetAddress = this.#thread.libc.addressOf(packet);
    }
    return this.#packetAddress;
  }

  #aimAt(target: MediaAddress): NativeMemory {
    this.#targetMemory ??= new NativeMemory(this.#thread.libc, socketAddressWords * 4);
    if (target !== this.#target) {
      this.#target = target;
      this.#targetLength = this.#thread.addresses.write(target, this.#targetMemory);
    }
    return this.#targetMemory;
  }
}
