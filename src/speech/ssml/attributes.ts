import type { Element } from '@xmldom/xmldom';
import { SpeechTextError } from './speech-part.ts';

/** The longest `break`, as with Google; who needs more may write two. */
const longestPauseMs = 10_000;

/** SSML leaves it to the synthesizer how long a strength is (3.2.3). */
const pauseMsByStrength: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 100,
  weak: 250,
  medium: 500,
  strong: 750,
  'x-strong': 1000,
};

const rateByName: Readonly<Record<string, number>> = {
  'x-slow': 0.5,
  slow: 0.75,
  medium: 1,
  default: 1,
  fast: 1.25,
  'x-fast': 1.5,
};

/** Refuses attributes that would do nothing. */
export function readAttributes(element: Element, known: readonly string[]): void {
  for (const { name } of Array.from(element.attributes)) {
    if (known.includes(name)) continue;
    throw new SpeechTextError({ type: 'unknown-attribute', element: element.nodeName, attribute: name });
  }
}

/** The length of a `break`, 0 to 10,000 ms; without an attribute as `medium`. */
export function readPauseMs(element: Element): number {
  const time = element.getAttribute('time');
  if (time !== null) {
    const [, amount, unit] = /^\+?(\d{1,6}(?:\.\d{1,3})?)(ms|s)$/.exec(time) ?? [];
    const ms = Math.round(Number(amount) * (unit === 's' ? 1000 : 1));
    if (ms <= longestPauseMs) return ms;
    throw badValue(element, 'time', time, ['300ms', '1.5s', `${longestPauseMs / 1000}s at most`]);
  }
  const strength = element.getAttribute('strength') ?? 'medium';
  const ms = own(pauseMsByStrength, strength);
  if (ms === undefined) throw badValue(element, 'strength', strength, Object.keys(pauseMsByStrength));
  return ms;
}

/** The factor of a `prosody`'s rate: a name, a percentage, or a number. */
export function readRate(element: Element): number {
  const value = element.getAttribute('rate');
  if (value === null) throw new SpeechTextError({ type: 'missing-attribute', element: 'prosody', attribute: 'rate' });
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,3})?)(%?)$/.exec(value) ?? [];
  const rate = own(rateByName, value) ?? Number(number) / (percent === '%' ? 100 : 1);
  if (rate >= 0.25 && rate <= 4) return rate;
  throw badValue(element, 'rate', value, ['slow', 'fast', '80%', '1.2', '25% to 400%']);
}

function badValue(element: Element, attribute: string, value: string, examples: readonly string[]): SpeechTextError {
  return new SpeechTextError({ type: 'bad-value', element: element.nodeName, attribute, value, examples });
}

function own(table: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
