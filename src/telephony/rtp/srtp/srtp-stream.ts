import { SrtcpProtector } from './srtcp-protector.ts';
import { SrtcpUnprotector } from './srtcp-unprotector.ts';
import { SrtpProtector } from './srtp-protector.ts';
import type { SrtpKey, SrtpKeys } from './srtp-suite.ts';
import { SrtpUnprotector } from './srtp-unprotector.ts';

/** Both directions of one stream under their keys, over changes of the session. */
export class SrtpStream {
  #keys: SrtpKeys;
  #protector: SrtpProtector;
  #unprotector: SrtpUnprotector;
  /** Both made with the first packet. */
  #rtcpProtector: SrtcpProtector | null = null;
  #rtcpUnprotector: SrtcpUnprotector | null = null;

  constructor(keys: SrtpKeys) {
    this.#keys = keys;
    this.#protector = new SrtpProtector(keys.send);
    this.#unprotector = new SrtpUnprotector(keys.receive);
  }

  /** A direction whose key stays goes on where it was; one with a new key begins anew, its ROC and SRTCP index at 0. */
  configure(keys: SrtpKeys): void {
    const before = this.#keys;
    this.#keys = keys;
    if (!isSameKey(before.send, keys.send)) {
      this.#protector = new SrtpProtector(keys.send);
      this.#rtcpProtector = null;
    }
    if (!isSameKey(before.receive, keys.receive)) {
      this.#unprotector = new SrtpUnprotector(keys.receive);
      this.#rtcpUnprotector = null;
    }
  }

  /** As {@link SrtpProtector.protect}. */
  protect(packet: Buffer): Buffer {
    return this.#protector.protect(packet);
  }

  /** As {@link SrtpUnprotector.unprotect}. */
  unprotect(packet: Buffer): Buffer | null {
    return this.#unprotector.unprotect(packet);
  }

  /** As {@link SrtcpProtector.protect}. */
  protectRtcp(packet: Buffer): Buffer {
    this.#rtcpProtector ??= new SrtcpProtector(this.#keys.send);
    return this.#rtcpProtector.protect(packet);
  }

  /** As {@link SrtcpUnprotector.unprotect}. */
  unprotectRtcp(packet: Buffer): Buffer | null {
    this.#rtcpUnprotector ??= new SrtcpUnprotector(this.#keys.receive);
    return this.#rtcpUnprotector.unprotect(packet);
  }
}

function isSameKey(one: SrtpKey, other: SrtpKey): boolean {
  return one.suite === other.suite && Buffer.compare(one.masterKey, other.masterKey) === 0;
}
