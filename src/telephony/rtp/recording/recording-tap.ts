import type { AudioListener, HeardPlace, ReceivedAudio, ReceivedCodecs } from '../received-audio.ts';
import { createRtpHeader, parseRtp } from '../rtp-packet.ts';
import { mostPendingBytes, type ToRecorder } from './recorder-protocol.ts';

/** The media thread's end of its line to the recorder thread. */
export type RecorderEnd = {
  readonly post: (message: ToRecorder, transfer?: readonly ArrayBuffer[]) => void;
  /** See `RecorderLine`. */
  readonly pendingBytes: Int32Array;
};

export type RecordingTapOptions = RecorderEnd & {
  readonly recordingId: number;
  /** Where the recorder thread is to put it. */
  readonly file: string;
  /** What the far side says. */
  readonly theirs: ReceivedAudio;
  /** Fresh ears for what we send. */
  readonly ours: ReceivedAudio;
  /** When the recording begins, by the thread's clock. */
  readonly startMs: number;
};

const samplesPerMs = 8;
const sampleRate = 1000 * samplesPerMs;
/** A stretch is handed over at once. */
const windowFrames = sampleRate;
/** So long after a stretch's end it is complete: packets may be late, and silence is told late. */
const lagFrames = 400 * samplesPerMs;

type Channel = 0 | 1;
const left: Channel = 0;
const right: Channel = 1;

/**
 * Records one session from now on: lays what the far side says (left) and what it hears from us (right) side by side, at the time they were on the wire, and hands it to the recorder
 * thread a second at a time.
 *
 * Two stretches are held: the one that is being filled, and the next. Where nobody says anything there is silence, so holes need no care. What comes for a stretch that was handed
 * over already is too late for it. What we send is heard by the same ears as what comes: whatever the codec, its timestamps say where it belongs.
 */
export class RecordingTap {
  readonly #options: RecordingTapOptions;
  readonly #theirEar: AudioListener;
  readonly #header = createRtpHeader();
  /** Frames before the held stretches. */
  #handedOver = 0;
  #current = new Int16Array(windowFrames * 2);
  #next = new Int16Array(windowFrames * 2);
  #isOver = false;
  #hasSent = false;

  constructor(options: RecordingTapOptions) {
    this.#options = options;
    const { recordingId, file, theirs, ours, post } = options;
    this.#theirEar = { hear: (pcm, heard) => this.#place(left, theirs, pcm, heard) };
    theirs.add(this.#theirEar);
    ours.add({ hear: (pcm, heard) => this.#place(right, ours, pcm, heard) });
    post({ type: 'begin', recordingId, file, sampleRate });
  }

  /** From now on these are the codecs that we may send, by payload type. */
  configure(codecs: ReceivedCodecs): void {
    this.#options.ours.configure(codecs);
  }

  /** Takes a packet that was sent just now, in clear. */
  send(packet: Uint8Array, nowMs: number): void {
    if (this.#isOver || !parseRtp(packet, this.#header)) return;
    const { ours } = this.#options;
    if (!this.#hasSent) ours.start(nowMs);
    this.#hasSent = true;
    ours.take(packet, this.#header, nowMs);
  }

  /** To be called every packet time or so: hands over what is complete. */
  passTime(nowMs: number): void {
    if (this.#isOver) return;
    const complete = this.#framesAt(nowMs) - lagFrames;
    while (!this.#isOver && this.#handedOver + windowFrames <= complete) this.#handOver(windowFrames);
  }

  /** The session is over. Idempotent. */
  end(nowMs: number): void {
    const frames = this.#framesAt(nowMs);
    while (!this.#isOver && this.#handedOver < frames) {
      this.#handOver(Math.min(windowFrames, frames - this.#handedOver));
    }
    if (this.#isOver) return;
    this.#isOver = true;
    this.#leave();
    this.#options.post({ type: 'end', recordingId: this.#options.recordingId });
  }

  #framesAt(nowMs: number): number {
    return Math.round((nowMs - this.#options.startMs) * samplesPerMs);
  }

  #place(channel: Channel, from: ReceivedAudio, pcm: Int16Array, { timestamp }: HeardPlace): void {
    const at = this.#framesAt(from.startedMs ?? 0) + timestamp - this.#handedOver;
    const begin = Math.max(0, -at);
    const end = Math.min(pcm.length, 2 * windowFrames - at);
    for (let index = begin; index < end; index += 1) {
      const frame = at + index;
      const sample = pcm[index] ?? 0;
      if (frame < windowFrames) this.#current[2 * frame + channel] = sample;
      else this.#next[2 * (frame - windowFrames) + channel] = sample;
    }
  }

  #handOver(frames: number): void {
    const { recordingId, post, pendingBytes } = this.#options;
    const window = this.#current;
    this.#current = this.#next;
    this.#next = new Int16Array(windowFrames * 2);
    this.#handedOver += frames;
    if (Atomics.load(pendingBytes, 0) > mostPendingBytes) {
      this.#isOver = true;
      this.#leave();
      post({ type: 'drop', recordingId, problem: 'the disk is too slow for all that is recorded' });
      return;
    }
    const whole = frames === windowFrames ? window : window.slice(0, 2 * frames);
    Atomics.add(pendingBytes, 0, whole.byteLength);
    post({ type: 'audio', recordingId, frames: whole }, [whole.buffer]);
  }

  #leave(): void {
    this.#options.ours.close();
    this.#options.theirs.remove(this.#theirEar);
  }
}
