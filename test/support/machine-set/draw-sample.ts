import { type Random, seededRandom } from '../../../src/lib/random.ts';
import type { Half } from './clip-store.ts';
import type { Sample, SamplePart } from './sample.ts';

const languages = ['EN', 'DE', 'ES', 'FR', 'PT', 'IT', 'ID', 'TR', 'RU', 'CN'];

/** Samples of a half; as many persons as machines. */
export const samplesPerHalf = 800;

const firstSeeds: Readonly<Record<Half, number>> = { tuning: 1, 'held-apart': 200_001 };

/** The samples of a half: odd seeds are persons, even ones machines. */
export function drawHalf(half: Half): Sample[] {
  return Array.from({ length: samplesPerHalf }, (_, index) => drawSample(half, firstSeeds[half] + index));
}

/** The sample of one seed. */
export function drawSample(half: Half, seed: number): Sample {
  const draw = new Draw(seededRandom(seed * 7919));
  const label = seed % 2 === 1 ? 'person' : 'machine';
  const language = draw.oneOf(languages);
  const speaker = new Speaker(draw, language);
  const [kind, parts] = label === 'person' ? person(draw, speaker) : machine(draw, speaker);
  return {
    ...{ half, seed, label, kind, language, parts },
    gainDb: draw.integer(-14, 6),
    noise: {
      kind: draw.weighted([
        ['none', 3],
        ['white', 3],
        ['hum', 2],
        ['babble', 2],
      ]),
      snrDb: draw.integer(12, 35),
    },
    law: draw.chance(0.5) ? 'PCMA' : 'PCMU',
    lossPercent: draw.chance(0.5) ? draw.integer(1, 3) : 0,
    isNarrow: draw.chance(0.5),
    isGated: draw.chance(0.2),
  };
}

/** What is said by one voice. */
class Speaker {
  readonly #draw: Draw;
  readonly #path: string;

  constructor(draw: Draw, language: string) {
    this.#draw = draw;
    this.#path = `${language}/${draw.integer(0, 1)}`;
  }

  hello(): SamplePart {
    return this.says(`hello-${this.#draw.integer(0, 5)}`);
  }

  middle(): SamplePart {
    return this.says(`middle-${this.#draw.integer(0, 1)}`);
  }

  says(role: string): SamplePart {
    return { clip: `${this.#path}/${role}` };
  }
}

type Scene = [kind: string, parts: SamplePart[]];

/** Persons are listened to for at least this long: the prompt plays, and most say nothing. */
const listensMs = 8000;

function person(draw: Draw, speaker: Speaker): Scene {
  const kind = draw.weighted([
    ['hello', 30],
    ['hello-again', 18],
    ['hello-question', 14],
    ['question', 8],
    ['company', 12],
    ['talk', 7],
    ['late', 6],
    ['silent', 5],
  ]);
  const first = draw.pause(100, 1300);
  const parts: SamplePart[] = [first];
  switch (kind) {
    case 'hello':
      parts.push(speaker.hello());
      break;
    case 'hello-again':
      parts.push(speaker.hello(), draw.pause(700, 2600), speaker.hello());
      break;
    case 'hello-question':
      parts.push(speaker.hello(), draw.pause(150, 700), speaker.says('question'));
      break;
    case 'late':
      parts.push(draw.pause(900, 2400), speaker.hello());
      break;
    case 'silent':
      break;
    default:
      parts.push(speaker.says(kind));
  }
  // Some answer the prompt, as if it were a person.
  if (draw.chance(0.2)) parts.push(draw.pause(1500, 4000), speaker.says(draw.oneOf(['question', 'hello-1', 'talk'])));
  parts.push({ silenceMs: listensMs });
  return [kind, parts];
}

function machine(draw: Draw, speaker: Speaker): Scene {
  const kind = draw.weighted([
    ['voicemail', 34],
    ['long-voicemail', 14],
    ['short-voicemail', 14],
    ['hello-voicemail', 14],
    ['notice', 12],
    ['late-voicemail', 6],
    ['music-voicemail', 6],
  ]);
  const parts: SamplePart[] = [draw.pause(50, 1200)];
  const between = (): SamplePart => draw.pause(150, 900);
  switch (kind) {
    case 'voicemail':
      parts.push(speaker.says('opening'), between(), speaker.middle(), between(), speaker.says('closing'));
      break;
    case 'long-voicemail':
      parts.push(speaker.says('opening'), between(), speaker.says('middle-0'), between(), speaker.says('middle-1'));
      if (draw.chance(0.5)) parts.push(between(), speaker.says('opening'), between(), speaker.says('middle-1'));
      parts.push(between(), speaker.says('closing'));
      break;
    case 'short-voicemail':
      parts.push(speaker.says(draw.oneOf(['opening', 'closing', 'closing', 'middle-0'])));
      break;
    case 'hello-voicemail':
      parts.push(speaker.hello(), draw.pause(200, 1000), speaker.middle(), between(), speaker.says('closing'));
      break;
    case 'notice':
      parts.push(...notice(draw, speaker));
      return [kind, [...parts, { silenceMs: 3000 }]];
    case 'late-voicemail':
      parts.push(draw.pause(1300, 3000), speaker.says('opening'), between(), speaker.says('closing'));
      break;
    default:
      parts.push({ musicMs: draw.integer(1500, 4000) }, between(), speaker.says('opening'), between());
      parts.push(speaker.says('closing'));
  }
  return [kind, [...parts, ...ending(draw, kind)]];
}

/** A carrier's announcement, some with special information tones before it. Most are said twice, or in a second language. */
function notice(draw: Draw, speaker: Speaker): SamplePart[] {
  const level = draw.between(0.05, 0.3);
  const lengths = draw.oneOf([
    [330, 330, 330],
    [380, 274, 380],
    [274, 274, 380],
  ]);
  const tones = [draw.oneOf([913.8, 950, 985.2]), draw.oneOf([1370.6, 1400, 1428.5]), draw.oneOf([1776.7, 1800])];
  const sit = tones.map((tone, index) => ({ tonesHz: [tone], durationMs: lengths[index] ?? 330, level }));
  const text = speaker.says('notice');
  return [
    ...(draw.chance(0.4) ? [...sit, draw.pause(100, 500)] : []),
    text,
    ...(draw.chance(0.7) ? [draw.pause(500, 1500), text] : []),
  ];
}

/** Nearly all machines beep when they begin to record, and are silent then. */
function ending(draw: Draw, kind: string): SamplePart[] {
  if (!draw.chance(kind === 'short-voicemail' ? 0.9 : 0.8)) return [{ silenceMs: 4000 }];
  const tonesHz = [draw.oneOf([425, 440, 620, 800, 880, 1000, 1200, 1400, 1633, draw.integer(450, 1900)])];
  const beep = { tonesHz, durationMs: draw.oneOf([120, 200, 300, 500, 1000]), level: draw.between(0.05, 0.4) };
  return [draw.pause(100, 1500), beep, { silenceMs: 4000 }];
}

/** What chance decides. */
class Draw {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  between(least: number, most: number): number {
    return Math.round((least + this.#random.float() * (most - least)) * 1000) / 1000;
  }

  integer(least: number, most: number): number {
    return least + Math.floor(this.#random.float() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.#random.float() < probability;
  }

  pause(leastMs: number, mostMs: number): SamplePart {
    return { silenceMs: this.integer(leastMs, mostMs) };
  }

  oneOf<T>(choices: readonly T[]): T {
    const choice = choices[this.integer(0, choices.length - 1)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  }

  weighted<T>(choices: readonly (readonly [choice: T, weight: number])[]): T {
    let left = this.#random.float() * choices.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [choice, weight] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return this.oneOf(choices)[0];
  }
}
