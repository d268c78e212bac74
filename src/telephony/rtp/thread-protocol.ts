import type { SocketKind } from './choose-sockets.ts';
import type { MediaPort } from './media-port.ts';
import type { DetectionStage, MediaEvent, MediaStats, MediaThreadFigures, RemoteMedia } from './media-types.ts';
import type { PromptCodes } from './prompt-encoding.ts';
import type { RecorderLine } from './recording/recorder-protocol.ts';

/** A prompt, or further encodings of it. */
export type EncodedPrompt = { readonly promptKey: string; readonly codes: PromptCodes };

/**
 * What the main side tells a media thread, in batches. Sockets are known by address and port, and sessions by number; the thread handles messages in order. A
 * socket stays bound from session to session until it is unbound.
 */
export type ToMediaThread =
  | { readonly type: 'bind'; readonly at: MediaPort }
  | { readonly type: 'unbind'; readonly at: MediaPort }
  /** The first message of a session: puts it on a bound port that no other session has. */
  | {
      readonly type: 'open';
      readonly sessionId: number;
      readonly at: MediaPort;
      /** How much of the received audio is kept; 0: none. */
      readonly captureMs: number;
    }
  | { readonly type: 'connect'; readonly sessionId: number; readonly remote: RemoteMedia }
  | { readonly type: 'play'; readonly sessionId: number; readonly promptKey: string; readonly loopCount: number }
  | { readonly type: 'stop-play'; readonly sessionId: number }
  | { readonly type: 'interject'; readonly sessionId: number; readonly promptKey: string }
  | { readonly type: 'detect-machine'; readonly sessionId: number; readonly stage: DetectionStage }
  | { readonly type: 'send-digit'; readonly sessionId: number; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'read-capture'; readonly sessionId: number }
  /** After a `recorder`: records the session from now on. */
  | { readonly type: 'record'; readonly sessionId: number; readonly recordingId: number; readonly file: string }
  | { readonly type: 'close'; readonly sessionId: number }
  /** The way to the recorder thread that runs now. */
  | { readonly type: 'recorder'; readonly line: RecorderLine }
  /** Adds to what is known of the prompt; a session that waits for an encoding goes on. */
  | { readonly type: 'load-prompt'; readonly prompt: EncodedPrompt }
  | { readonly type: 'unload-prompt'; readonly promptKey: string }
  | { readonly type: 'read-figures'; readonly resetLateness: boolean };

/** What a media thread tells the main side, in batches. */
export type FromMediaThread =
  /** `hasPriority`: whether the system let the thread go before others; `reason`: why its sockets are not those that it should have, null: they are. */
  | {
      readonly type: 'started';
      readonly hasPriority: boolean;
      readonly sockets: SocketKind;
      readonly reason: string | null;
    }
  | { readonly type: 'bound'; readonly at: MediaPort }
  /** `code`: the system's error code, e.g. EADDRINUSE. */
  | { readonly type: 'bind-failed'; readonly at: MediaPort; readonly code: string; readonly reason: string }
  | { readonly type: 'event'; readonly sessionId: number; readonly event: MediaEvent }
  | { readonly type: 'capture'; readonly sessionId: number; readonly pcm: Int16Array<ArrayBuffer> | null }
  | {
      readonly type: 'closed';
      readonly sessionId: number;
      readonly stats: MediaStats;
      readonly pcm: Int16Array<ArrayBuffer> | null;
    }
  | { readonly type: 'figures'; readonly figures: MediaThreadFigures }
  /** The schedule gave up so much time since the last such message: the thread has more sessions than its core carries. */
  | { readonly type: 'skipped'; readonly skippedMs: number; readonly sessions: number }
  /** The far side sends from elsewhere than its SDP says. */
  | {
      readonly type: 'latched';
      readonly sessionId: number;
      readonly announced: string;
      readonly actual: string;
    };
