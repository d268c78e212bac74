/** Where a packet lies in its buffer, and which one it is. Mutable on purpose: one object per direction is filled again and again. */
export type PacketPlace = {
  /** The end of the RTP header with CSRCs and extension: what is authenticated, and not encrypted. */
  headerEnd: number;
  /** The end of the payload with its padding, hence of what is encrypted; the tag stands or will stand behind it. */
  payloadEnd: number;
  ssrc: number;
  /** ROC and sequence number in one. */
  index: number;
};

/** The cryptography of one direction of one stream. Keys are scheduled once, buffers reused. */
export interface SrtpTransform {
  readonly tagBytes: number;
  /** Encrypts the payload in place and writes the tag behind it; the buffer has room for it. */
  seal(packet: Buffer, place: PacketPlace): void;
  /** Whether the tag is right; then the payload was decrypted in place. Else payload and tag are as they were. */
  unseal(packet: Buffer, place: PacketPlace): boolean;
}
