import { ReplayWindow } from './packet-index.ts';
import { deriveSessionKeys } from './session-keys.ts';
import { SrtcpTransform } from './srtcp-transform.ts';
import { type SrtpKey, srtpSuites } from './srtp-suite.ts';

/** So many sources under one key are believed. */
const mostSources = 32;

/** Takes the protection off the RTCP that one far side sends (RFC 3711 3.4). The index is on the wire, so nothing has to be guessed. */
export class SrtcpUnprotector {
  readonly #transform: SrtcpTransform;
  readonly #windows = new Map<number, ReplayWindow>();

  constructor(key: SrtpKey) {
    this.#transform = new SrtcpTransform(srtpSuites[key.suite].mode, deriveSessionKeys(key, 'srtcp'));
  }

  /** The packet in clear; null: not authentic, seen before, or of one source too many. */
  unprotect(packet: Buffer): Buffer | null {
    const opened = this.#transform.unseal(packet);
    if (opened === null) return null;
    const ssrc = opened.packet.readUInt32BE(4);
    const window = this.#windows.get(ssrc);
    if (window === undefined) {
      if (this.#windows.size >= mostSources) return null;
      this.#windows.set(ssrc, new ReplayWindow(opened.index));
      return opened.packet;
    }
    if (!window.admits(opened.index)) return null;
    window.mark(opened.index);
    return opened.packet;
  }
}
