/**
 * What the RTP library offers to those above it. The implementation runs sockets and pacing on media threads (worker_threads);
 * this side only exchanges messages with them, a handful per call and none per packet.
 */

import type { CodecName } from '../audio/codec.ts';
import type { MachineFinding } from '../machine/machine-finding.ts';
import type { MediaAddress } from './latch-machine.ts';
import type { RecordingOutcome } from './recording/recorder-protocol.ts';
import type { FarReport } from './rtcp/rtcp-session.ts';
import type { SrtpKeys } from './srtp/srtp-suite.ts';

export type { MediaAddress } from './latch-machine.ts';

/** A payload type and what it stands for. */
export type PayloadMapping = { readonly payloadType: number; readonly codec: CodecName };

/** What was negotiated with the far side. */
export type RemoteMedia = {
  readonly address: string;
  readonly port: number;
  /** Where its RTCP goes (RFC 3605), or `mux`: both ways on the ports of RTP (RFC 5761). Absent: to the port above `port`. */
  readonly rtcp?: MediaAddress | 'mux';
  /** What we send, and its payload type as the far side maps it. */
  readonly codec: CodecName;
  readonly payloadType: number;
  /** What our own description maps: what the far side may send, and change between at will (RFC 3264 5.1). Absent: only `codec`. */
  readonly ownPayloads?: readonly PayloadMapping[];
  /** RFC 4733 payload type that the far side maps, for what we send; null: not negotiated. */
  readonly eventPayloadType: number | null;
  /** The one that our own description maps: what the far side sends events with (RFC 3264 5.1). Absent: only `eventPayloadType` is heard. */
  readonly ownEventPayloadType?: number;
  /** Of the durations of events, both ways, Hz; absent: 8000. */
  readonly eventClockRate?: number;
  /** Whether keys are looked for in the audio as well; absent: only in events. */
  readonly hearsTones?: boolean;
  /** 10 to 60; others are brought into this range. */
  readonly ptimeMs: number;
  /** Whether we may send (`sendrecv`, `sendonly` from our side); false on hold. */
  readonly canSend: boolean;
  /** The keys of both directions: all packets are SRTP, and others are not taken. Absent: RTP in clear. */
  readonly srtp?: SrtpKeys;
  /** Addresses that the call's signalling is exchanged with: who sends audio from there is likelier the far side than a stranger. */
  readonly signallingHosts?: readonly string[];
};

/** Audio to be played, best at 16 kHz where wideband codecs are in use. Encoded once per codec on a thread of its own, and shared between the media threads. */
export type PromptPcm = {
  readonly promptKey: string;
  /** Mono, signed 16 bit. */
  readonly pcm: Int16Array;
  readonly sampleRate: number;
};

export type MediaEvent =
  /** The first RTP packet from the far side. */
  | { readonly type: 'first-packet' }
  /** A key, when it was let go: by an event (RFC 4733) or by its tones. */
  | {
      readonly type: 'digit';
      readonly digit: string;
      readonly durationMs: number;
      readonly source: 'rfc4733' | 'in-band';
    }
  | { readonly type: 'play-ended'; readonly promptKey: string; readonly isComplete: boolean }
  /** Who answers, and what the network says with tones; only after `detectMachine`. */
  | { readonly type: 'machine'; readonly finding: MachineFinding }
  /** The far side was found elsewhere than its description says; `address:port` each. */
  | { readonly type: 'elsewhere'; readonly announced: string; readonly actual: string }
  /** The media thread or its socket failed; the session is unusable. */
  | { readonly type: 'failed'; readonly reason: string };

export type MediaObserver = (event: MediaEvent) => void;

export type MediaStats = {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** RFC 3550 interarrival jitter at the end, milliseconds. */
  readonly jitterMs: number;
  /** What came and was not taken: from others than the far side, of a payload type that was not negotiated, not authentic. What the kernel dropped is not counted. */
  readonly packetsRefused: number;
  /** By RTCP, the latest; null: the far side sent no report that answers one of ours. */
  readonly roundTripMs: number | null;
  /** What the far side's latest RTCP report says of our audio; null: none came. */
  readonly farReport: FarReport | null;
};

export type DetectionStage = 'early' | 'answered';

export interface MediaSession {
  /** The even local port that RTP is received on; goes into the offer. */
  readonly localPort: number;
  /** Starts (or, on a re-offer, changes) sending to and receiving from the far side. Until then packets are received and dropped. */
  connect(remote: RemoteMedia): void;
  /**
   * Plays a loaded prompt from its beginning, after `connect` if that is still to come, and after it was encoded if it was not for this codec; replaces what is playing. An
   * unknown prompt ends at once, incomplete. A prompt that cannot be encoded is observed as `failed`.
   */
  play(promptKey: string, loopCount: number): void;
  /** Ends what is playing, observed as an incomplete `play-ended`. Silence is sent. */
  stopPlay(): void;
  /** Plays a loaded prompt once, before anything else: what plays goes on afterwards. Several follow each other. Not observed; before `connect`, and of an unknown prompt, nothing. */
  interject(promptKey: string): void;
  /**
   * Listens for who answers from here on. `early`: the call is not answered yet, and only tones of the network count; `answered`: it is answered now. Until one of both
   * nobody listens, which costs nothing; it ends by itself when nothing more is to be found out.
   */
  detectMachine(stage: DetectionStage): void;
  /**
   * RFC 4733 out: `0-9 * # A-D`, 10 to 8000 ms (at most 1365 where events count at 48 kHz); digits queue up. Throws where it cannot work: before `connect`, and where `eventPayloadType` is null.
   */
  sendDigit(digit: string, durationMs: number): void;
  /**
   * Records both sides from now to `close` into a WAV file, the far side on the left, 16 bit at 8 kHz; once. While it is made the file has `.part` behind its name. Resolves when it is whole, or
   * was given up: a disk that is slow or full never holds up the audio. Never rejects.
   */
  record(file: string): Promise<RecordingOutcome>;
  /**
   * What was received since `connect`, 8 kHz mono, as `ReceivedAudio` hands it out (lost packets concealed), up to the `captureMs` that the session was opened with. Also after
   * `close`. Empty where nothing was kept.
   */
  captured(): Promise<Int16Array>;
  /** Idempotent; nothing is observed afterwards. Frees the port after its draining time. Of a failed session: all figures 0. */
  close(): Promise<MediaStats>;
}

export type MediaOpenOptions = {
  /** Keep so much of the received audio for `captured()`; default 0. 16 KB per second. For tests and the simulator. */
  readonly captureMs?: number;
  /** Which of the service's addresses the port is on; default: its first one. */
  readonly family?: 4 | 6;
};

export type MediaFiguresOptions = {
  /** Begin the distribution of send lateness anew after reading it; default false. For a single reader, e.g. a measurement. */
  readonly resetLateness?: boolean;
};

export interface MediaService {
  /** How many sessions could be opened now, in whichever family: ports that are neither in use nor resting. */
  readonly room: number;
  /**
   * Binds a port on the least loaded media thread. Rejects with an InfrastructureError: retryable when the port range is exhausted, else when there is no
   * address of the family.
   */
  open(observer: MediaObserver, options?: MediaOpenOptions): Promise<MediaSession>;
  /** Which codecs sessions may use: prompts that are loaded from now on are encoded in them before they are played. Others take longer to begin. */
  expectCodecs(codecs: readonly CodecName[]): void;
  /** Makes a prompt playable on every thread; loading the same key again changes nothing. Rejects with an InfrastructureError when encoding fails. */
  loadPrompt(prompt: PromptPcm): Promise<void>;
  /** Forgets a prompt; sessions that are playing it go on to its end. */
  unloadPrompt(promptKey: string): void;
  /** Figures of the threads that are running: counters since the thread's start, send lateness since the start or the last reset. */
  figures(options?: MediaFiguresOptions): Promise<readonly MediaThreadFigures[]>;
  /** Closes every session (nothing more is observed) and stops the threads. */
  close(): Promise<void>;
}

export type MediaThreadFigures = {
  readonly sessions: number;
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Packets that the system had no room to send; counted as sent, too. */
  readonly packetsDropped: number;
  readonly sendLatenessP50Ms: number;
  readonly sendLatenessP99Ms: number;
  readonly sendLatenessMaxMs: number;
  /** Time that the schedule gave up instead of sending in a burst: pauses of the thread, or more sessions than it carries. */
  readonly skippedMs: number;
};
