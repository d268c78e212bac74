import type { FrameFacts } from './frame-analyzer.ts';

/** The noise floor is looked for in the latest 1.5 s of 20 ms frames. */
const historyFrames = 75;
/** It is the level that a tenth of these frames stay below: between words there are pauses, however short. */
const floorShare = 0.1;
/** How often it is looked for, frames. */
const floorEvery = 5;
/** What nobody would call noise any more is no floor: the first word may come before any pause. */
const highestFloorDb = -30;
const lowestFloorDb = -68;
/** Speech stands out from the floor by so much, and is not so much quieter than the loudest speech: that would be others, or an echo. */
const aboveFloorDb = 9;
const belowSpeechDb = 17;
/** Speech that has begun goes on down to so much less. */
const hysteresisDb = 4;
/** The loudest speech is forgotten at a quarter of a decibel a second. */
const forgetDb = 0.005;
const silenceDb = -100;

/** Tells speech from noise, frame by frame, by level alone; both bounds follow the call. Tuned on the tuning half of `test/fixtures/machine`. */
export class VoiceActivity {
  readonly #history = new Float32Array(historyFrames);
  #frames = 0;
  #floorDb = highestFloorDb;
  #smoothDb = silenceDb;
  #speechDb = silenceDb;
  #isSpeech = false;

  /** Whether somebody speaks in this frame. Frames come in order, without gaps. */
  hears({ levelDb, tone }: FrameFacts): boolean {
    this.#smoothDb = this.#frames === 0 ? levelDb : 0.4 * this.#smoothDb + 0.6 * levelDb;
    this.#history[this.#frames % historyFrames] = this.#smoothDb;
    if (this.#frames % floorEvery === 0) this.#floorDb = this.#findFloor();
    this.#frames += 1;
    this.#speechDb -= forgetDb;
    const least = Math.max(this.#floorDb + aboveFloorDb, this.#speechDb - belowSpeechDb);
    this.#isSpeech = tone === null && this.#smoothDb > least - (this.#isSpeech ? hysteresisDb : 0);
    if (this.#isSpeech) this.#speechDb = Math.max(this.#speechDb, this.#smoothDb);
    return this.#isSpeech;
  }

  #findFloor(): number {
    const known = this.#history.slice(0, Math.min(historyFrames, this.#frames + 1)).sort();
    const level = known[Math.floor(known.length * floorShare)] ?? highestFloorDb;
    return Math.max(lowestFloorDb, Math.min(highestFloorDb, level));
  }
}
