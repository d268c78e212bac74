/** Told what a stream brings, in order; never from inside a call on the stream. Must not throw. */
export interface ByteStreamObserver {
  /** It can be written to; over TLS the far side has been checked. Not told of streams that came in. */
  onConnected(): void;
  onBytes(bytes: Buffer): void;
  /** The last there is: it was closed by the far side (null), could not be made, or broke. */
  onClosed(error: Error | null): void;
}

/** One connection. */
export interface ByteStream {
  /** Our end's port; null until it is connected. */
  readonly localPort: number | null;
  /** Bytes that were written and have not left yet. */
  readonly backlogBytes: number;
  /** The buffer must not change afterwards. */
  write(bytes: Buffer): void;
  /** Sends what was written, for a short while, and closes it. Nothing is told any more. Idempotent. */
  close(): void;
}
