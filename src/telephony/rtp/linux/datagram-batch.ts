import type { MediaAddress } from '../latch-machine.ts';
import type { Libc } from './libc.ts';
import { NativeMemory } from './native-memory.ts';
import { ipv6AddressBytes, type SocketAddresses, socketAddressWords } from './socket-address.ts';

/** So many datagrams are taken with one call. In step, one waits for each packet time. */
const batchSize = 8;
/** Longer than any RTP packet; what is longer still is dropped. */
const packetBytes = 2048;

// `struct mmsghdr` of 64-bit Linux: a `msghdr`, then how long the datagram was. In bytes.
const messageBytes = 64;
const nameAt = 0;
const nameLengthAt = 8;
const vectorsAt = 16;
const vectorCountAt = 24;
const controlAt = 32;
const controlLengthAt = 40;
const flagsAt = 48;
const lengthAt = 56;

// Beside each message: its `iovec`, the sender's address, and one control message with the time of arrival (`cmsghdr` of 16 bytes, `timespec` of two times eight).
const vectorBytes = 16;
const nameBytes = 32;
const controlBytes = 32;
const controlTypeAt = 12;
const secondsAt = 16;
const nanosecondsAt = 24;

const doNotWait = 0x40;
const truncated = 0x20;
/** SO_TIMESTAMPNS, of which SCM_TIMESTAMPNS is another name. */
export const arrivalTimes = 35;

/** Who sent the datagram before on a socket: compared as the system writes it, so that nothing is made of an address that is known. */
export type KnownSource = { readonly words: Uint32Array; address: MediaAddress };

/** A source that is nobody's. */
export function noSource(): KnownSource {
  return { words: new Uint32Array(socketAddressWords), address: { address: '', port: 0 } };
}

/** Room for the datagrams of one call of `recvmmsg`, laid out once and used by all sockets of a thread in turn: nothing is allocated for a datagram. */
export class DatagramBatch {
  readonly #libc: Libc;
  readonly #addresses: SocketAddresses;
  readonly #messages: NativeMemory;
  readonly #vectors: NativeMemory;
  readonly #names: NativeMemory;
  readonly #controls: NativeMemory;
  readonly #packets: NativeMemory;
  /** By message and length: each view is made once. */
  readonly #views: Buffer[][] = Array.from({ length: batchSize }, () => []);
  #used = batchSize;

  constructor(libc: Libc, addresses: SocketAddresses) {
    this.#libc = libc;
    this.#addresses = addresses;
    this.#messages = new NativeMemory(libc, batchSize * messageBytes);
    this.#vectors = new NativeMemory(libc, batchSize * vectorBytes);
    this.#names = new NativeMemory(libc, batchSize * nameBytes);
    this.#controls = new NativeMemory(libc, batchSize * controlBytes);
    this.#packets = new NativeMemory(libc, batchSize * packetBytes);
    this.#layOut();
  }

  /** Takes what waits at a socket, up to {@link isFull}. Returns how many datagrams; -1: failed, be it that none waits. */
  receive(fd: number): number {
    this.#recycle();
    const count = this.#libc.recvmmsg(fd, this.#messages.address, batchSize, doNotWait, 0);
    this.#used = Math.max(0, count);
    return count;
  }

  /** Whether more may wait. */
  get isFull(): boolean {
    return this.#used === batchSize;
  }

  /** The datagram, until the next call; null: it was longer than there is room. */
  packet(index: number): Buffer | null {
    const words = this.#messages.words;
    const message = (index * messageBytes) / 4;
    if (((words[message + flagsAt / 4] ?? 0) & truncated) !== 0) return null;
    const length = words[message + lengthAt / 4] ?? 0;
    const views = this.#views[index] ?? [];
    const view = views[length] ?? Buffer.from(this.#packets.bytes.buffer, index * packetBytes, length);
    views[length] = view;
    return view;
  }

  /** When the datagram came, in milliseconds of the machine's clock; null: the system does not say. */
  arrivalMs(index: number): number | null {
    const words = this.#controls.words;
    const control = (index * controlBytes) / 4;
    if (words[control + controlTypeAt / 4] !== arrivalTimes) return null;
    const seconds = words[control + secondsAt / 4] ?? 0;
    const nanoseconds = words[control + nanosecondsAt / 4] ?? 0;
    return seconds * 1000 + nanoseconds / 1_000_000;
  }

  /** Who sent the datagram. `known` becomes this source. */
  source(index: number, known: KnownSource): MediaAddress {
    const words = this.#names.words;
    const name = (index * nameBytes) / 4;
    const before = known.words;
    let word = 0;
    while (word < socketAddressWords && words[name + word] === before[word]) word += 1;
    if (word === socketAddressWords) return known.address;
    before.set(words.subarray(name, name + socketAddressWords));
    known.address = this.#addresses.read(this.#names, index * nameBytes);
    return known.address;
  }

  #layOut(): void {
    for (let index = 0; index < batchSize; index += 1) {
      const message = index * messageBytes;
      writePointer(this.#messages, message + nameAt, this.#names.address + index * nameBytes);
      writePointer(this.#messages, message + vectorsAt, this.#vectors.address + index * vectorBytes);
      writePointer(this.#messages, message + vectorCountAt, 1);
      writePointer(this.#messages, message + controlAt, this.#controls.address + index * controlBytes);
      writePointer(this.#vectors, index * vectorBytes, this.#packets.address + index * packetBytes);
      writePointer(this.#vectors, index * vectorBytes + 8, packetBytes);
    }
  }

  /** Says again how much room there is: the system wrote over it how much it took. */
  #recycle(): void {
    const words = this.#messages.words;
    for (let index = 0; index < this.#used; index += 1) {
      const message = (index * messageBytes) / 4;
      words[message + nameLengthAt / 4] = ipv6AddressBytes;
      words[message + controlLengthAt / 4] = controlBytes;
      this.#controls.words[(index * controlBytes + controlTypeAt) / 4] = 0;
    }
  }
}

/** A pointer or a size, both 64 bits. */
function writePointer(memory: NativeMemory, offset: number, value: number): void {
  memory.words[offset / 4] = value % 2 ** 32;
  memory.words[offset / 4 + 1] = Math.floor(value / 2 ** 32);
}
