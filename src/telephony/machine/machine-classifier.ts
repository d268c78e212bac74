import { featuresOf } from './greeting-features.ts';
import { pauseCoefficients, speechCoefficients } from './machine-coefficients.ts';
import type { SpeechTiming } from './speech-timing.ts';

/**
 * How likely a machine speaks, 0 to 1, by when was spoken so far: a logistic regression over {@link featuresOf}. One set of coefficients is for moments in which somebody
 * is speaking, another one for moments in which nobody is. `scripts/train-machine-classifier.ts` finds them on the tuning half of `test/fixtures/machine`.
 */
export function machineProbability(timing: SpeechTiming, moment: 'speech' | 'pause'): number {
  const coefficients = moment === 'speech' ? speechCoefficients : pauseCoefficients;
  const features = featuresOf(timing);
  const sum = coefficients.reduce((total, coefficient, index) => total + coefficient * (features[index] ?? 0), 0);
  return 1 / (1 + Math.exp(-sum));
}
