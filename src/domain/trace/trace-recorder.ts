import type { CallTrace, TracedMessage, TraceEvent, TraceNoteKind } from '../../call/trace.ts';
import type { Clock } from '../../lib/clock.ts';

/** What one trace may hold. */
export type TraceBounds = {
  readonly maxEvents: number;
  readonly maxBytes: number;
};

/** What all traces of a process may hold together. */
export class TraceMemory {
  #freeBytes: number;

  constructor(maxBytes: number) {
    this.#freeBytes = maxBytes;
  }

  /** Takes all of it or nothing. */
  take(bytes: number): boolean {
    if (bytes > this.#freeBytes) return false;
    this.#freeBytes -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#freeBytes += bytes;
  }
}

/** What an event takes besides its text, about. */
const eventBytes = 200;

/** Takes down one call, up to its bounds. */
export class TraceRecorder implements CallTrace {
  readonly startedAt: Date;
  readonly #clock: Clock;
  readonly #bounds: TraceBounds;
  readonly #origin: number;
  readonly #memory: TraceMemory;
  readonly #events: TraceEvent[] = [];
  #bytes = 0;
  #droppedEvents = 0;
  #isClosed = false;

  constructor(clock: Clock, bounds: TraceBounds, memory: TraceMemory) {
    this.#clock = clock;
    this.#bounds = bounds;
    this.#memory = memory;
    this.#origin = clock.monotonic();
    this.startedAt = new Date(clock.now());
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  get droppedEvents(): number {
    return this.#droppedEvents;
  }

  message(message: TracedMessage): void {
    if (!this.#hasRoom(message.text)) return;
    const isAgain = this.#events.some(
      (event) => event.type === 'message' && event.direction === message.direction && event.text === message.text,
    );
    this.#events.push({ ...message, type: 'message', atUs: this.#nowUs(), isAgain });
  }

  note(kind: TraceNoteKind, text: string): void {
    if (this.#hasRoom(text)) this.#events.push({ type: 'note', atUs: this.#nowUs(), kind, text });
  }

  /** Takes nothing more, and gives its memory back: it is written, or given up. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.giveBack(this.#bytes);
  }

  #hasRoom(text: string): boolean {
    if (this.#isClosed) return false;
    const bytes = text.length + eventBytes;
    const { maxEvents, maxBytes } = this.#bounds;
    const isWithin = this.#events.length < maxEvents && this.#bytes + bytes <= maxBytes && this.#memory.take(bytes);
    if (isWithin) this.#bytes += bytes;
    else this.#droppedEvents += 1;
    return isWithin;
  }

  #nowUs(): number {
    return Math.round((this.#clock.monotonic() - this.#origin) * 1000);
  }
}
