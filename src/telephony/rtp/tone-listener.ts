import { DtmfDetector, type HeardPress } from '../audio/dtmf-detector.ts';
import type { ReceivedAudio } from './received-audio.ts';

/** Listens for keys in the received audio while that is wanted, and costs nothing while it is not. */
export class ToneListener {
  readonly #audio: ReceivedAudio;
  readonly #onPress: (press: HeardPress) => void;
  #detector: DtmfDetector | null = null;

  constructor(audio: ReceivedAudio, onPress: (press: HeardPress) => void) {
    this.#audio = audio;
    this.#onPress = onPress;
  }

  /** A key that sounds while it is turned off is forgotten. */
  turn(isOn: boolean): void {
    if (isOn === (this.#detector !== null)) return;
    if (this.#detector !== null) this.#audio.remove(this.#detector);
    this.#detector = isOn ? new DtmfDetector(this.#onPress) : null;
    if (this.#detector !== null) this.#audio.add(this.#detector);
  }
}
