import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../src/lib/random.ts';
import { DtmfDetector } from '../../src/telephony/audio/dtmf-detector.ts';
import { throughLaw } from '../support/dtmf-line.ts';
import { soundNames, soundOf } from '../support/sound-material.ts';
import { speak } from '../support/spoken-material.ts';

/** The keys that are heard in a sound, with their lengths. */
function heardIn(pcm: Int16Array, gain: number, law: 'PCMA' | 'PCMU'): string[] {
  const found: string[] = [];
  const detector = new DtmfDetector(({ key, durationMs }) => found.push(`${key} ${durationMs}`));
  detector.hear(
    throughLaw(
      Int16Array.from(pcm, (sample) => sample * gain),
      law,
    ),
    { isConcealed: false },
  );
  detector.hear(new Int16Array(800), { isConcealed: false });
  return found;
}

/** A short one; `npm run bench -- digits` listens to an hour. */
describe('no keys are invented', () => {
  test('in two minutes of speech in many languages, loud and quiet, through both laws (seed 4201)', async () => {
    for await (const piece of speak(120, seededRandom(4201))) {
      for (const gain of [0.1, 0.9]) {
        for (const law of ['PCMA', 'PCMU'] as const) assert.deepEqual(heardIn(piece, gain, law), []);
      }
    }
  });

  for (const name of soundNames) {
    test(`in two minutes of ${name} (seed 4202)`, () => {
      const random = seededRandom(4202);
      for (let round = 0; round < 12; round += 1) {
        assert.deepEqual(
          heardIn(soundOf(name, random), [0.1, 0.5, 1][round % 3] ?? 1, round % 2 === 0 ? 'PCMA' : 'PCMU'),
          [],
        );
      }
    });
  }
});
