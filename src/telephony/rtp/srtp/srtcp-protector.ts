import { deriveSessionKeys } from './session-keys.ts';
import { lastSrtcpIndex, SrtcpTransform } from './srtcp-transform.ts';
import { type SrtpKey, srtpSuites } from './srtp-suite.ts';

/** Turns RTCP packets of one source into SRTCP packets (RFC 3711 3.4). */
export class SrtcpProtector {
  readonly #transform: SrtcpTransform;
  #index = 0;

  constructor(key: SrtpKey) {
    this.#transform = new SrtcpTransform(srtpSuites[key.suite].mode, deriveSessionKeys(key, 'srtcp'));
  }

  /** The packet as it goes onto the wire. */
  protect(packet: Buffer): Buffer {
    this.#index = (this.#index + 1) & lastSrtcpIndex;
    return this.#transform.seal(packet, this.#index);
  }
}
