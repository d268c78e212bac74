/**
 * What is kept of one call for whoever asks why it went as it did: every SIP message, and a note for each step in between. The engine and the
 * dialer write it, the domain keeps it.
 */

/** A SIP message as it went over the wire, with everything secret replaced already. */
export type TracedMessage = {
  readonly direction: 'sent' | 'received';
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Ours. */
  readonly local: TraceAddress;
  /** The far side's. */
  readonly remote: TraceAddress;
  /** One character per byte (latin1). */
  readonly text: string;
};

export type TraceAddress = { readonly address: string; readonly port: number };

/**
 * What a note is about: `trunk` which one was chosen and what came of it, `hop` where the request goes, `media` audio and its figures, `digit` a key
 * press (never which one), `ignored` a message that changed nothing, `call` the call as a whole.
 */
export type TraceNoteKind = 'trunk' | 'hop' | 'media' | 'digit' | 'ignored' | 'call';

/** Takes down what happens to one call. Returns at once and never throws; what is over its bounds is counted instead of kept. */
export interface CallTrace {
  message(message: TracedMessage): void;
  /** `text` is shown as it is: no secrets, no digits that were pressed. */
  note(kind: TraceNoteKind, text: string): void;
}

/** One entry of a trace. `atUs` counts from the trace's start in microseconds. */
export type TraceEvent =
  | (TracedMessage & {
      readonly type: 'message';
      readonly atUs: number;
      /** The very same bytes went the same way before: a retransmission. */
      readonly isAgain: boolean;
    })
  | { readonly type: 'note'; readonly atUs: number; readonly kind: TraceNoteKind; readonly text: string };

export type TracedMessageEvent = Extract<TraceEvent, { type: 'message' }>;
