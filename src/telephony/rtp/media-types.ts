/**
 * What the RTP library offers to those above it. The implementation runs sockets and pacing on media threads (worker_threads);
 * this side only exchanges messages with them, a handful per call and none per packet.
 */

/** The codecs of RFC 3551 that are spoken. Static payload types: PCMU 0, PCMA 8. */
export type CodecName = 'PCMA' | 'PCMU';

/** What was negotiated with the far side. */
export type RemoteMedia = {
  readonly address: string;
  readonly port: number;
  readonly codec: CodecName;
  readonly payloadType: number;
  /** RFC 4733 payload type; null: not negotiated. */
  readonly eventPayloadType: number | null;
  readonly ptimeMs: number;
  /** Whether we may send (`sendrecv`, `sendonly` from our side); false on hold. */
  readonly canSend: boolean;
};

/** Audio to be played. Encoded once per codec on a media thread and shared between them. */
export type PromptPcm = {
  readonly promptKey: string;
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  readonly sampleRate: number;
};

export type MediaEvent =
  /** The first RTP packet from the far side. */
  | { readonly type: 'first-packet' }
  | { readonly type: 'digit'; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'play-ended'; readonly promptKey: string; readonly isComplete: boolean }
  /** The media thread or its socket failed; the session is unusable. */
  | { readonly type: 'failed'; readonly reason: string };

export type MediaObserver = (event: MediaEvent) => void;

export type MediaStats = {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** RFC 3550 interarrival jitter at the end, milliseconds. */
  readonly jitterMs: number;
};

export interface MediaSession {
  /** The even local port that RTP is received on; goes into the offer. */
  readonly localPort: number;
  /** Starts (or, on a re-offer, changes) sending to and receiving from the far side. Until then packets are received and dropped. */
  connect(remote: RemoteMedia): void;
  play(promptKey: string, loopCount: number): void;
  stopPlay(): void;
  /** RFC 4733 out. */
  sendDigit(digit: string, durationMs: number): void;
  /** Idempotent. Frees the port after its draining time. */
  close(): Promise<MediaStats>;
}

export interface MediaService {
  /** Binds a port on the least loaded media thread. Rejects with a retryable InfrastructureError when the port range is exhausted. */
  open(observer: MediaObserver): Promise<MediaSession>;
  loadPrompt(prompt: PromptPcm): Promise<void>;
  unloadPrompt(promptKey: string): void;
  /** Per-thread figures since the start: sessions, packets, send lateness (p50, p99, max, in ms). */
  figures(): Promise<readonly MediaThreadFigures[]>;
  close(): Promise<void>;
}

export type MediaThreadFigures = {
  readonly sessions: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly sendLatenessP50Ms: number;
  readonly sendLatenessP99Ms: number;
  readonly sendLatenessMaxMs: number;
};
