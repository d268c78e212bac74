import { type Random, seededRandom } from '../lib/random.ts';
import { answering, type Reaction, type ReactionOf, refusing, ringingForever } from './reaction.ts';

/** How a town of people is made up. Weights are relative to each other, shares are 0 to 1. */
export type PeopleMix = {
  readonly answers: number;
  readonly busy: number;
  readonly noAnswer: number;
  readonly declines: number;
  readonly unreachable: number;
  /** Share of the answering who press a key. */
  readonly keyShare: number;
  /** Share of the answering who hang up before the end. */
  readonly earlyShare: number;
  /** Share of those who failed that can be reached at each further call. */
  readonly comeAroundShare: number;
};

export const defaultPeopleMix: PeopleMix = {
  answers: 52,
  busy: 16,
  noAnswer: 16,
  declines: 6,
  unreachable: 10,
  keyShare: 0.6,
  earlyShare: 0.15,
  comeAroundShare: 0.5,
};

type Temper = 'answers' | 'busy' | 'no-answer' | 'declines' | 'unreachable';

/**
 * People as pure functions of (seed, number, how many times they were called). Somebody's temper is drawn once by seed and number and stays; from the second
 * call on, those who failed come around with `comeAroundShare`, each at a call of their own, and then answer every time. A number that does not
 * exist (404) never comes around. At the first call those who don't answer let it ring until the caller cancels; later the carrier's own timer gives up sooner (480).
 */
export function peopleOf(seed: number, mix: PeopleMix): ReactionOf {
  return (number, timesCalled) => {
    const nature = randomOf(seed, number, 0);
    const temper = drawTemper(nature, mix);
    const failure = nature.float();
    const random = randomOf(seed, number, timesCalled);
    if (temper === 'answers' || hasComeAround({ seed, number, timesCalled, mix, isGone: isGone(temper, failure) })) {
      return answers(random, mix);
    }
    return fails(temper, { failure, timesCalled, random });
  };
}

/** FNV-1a, 32 bit: enough to give every (seed, number, call) a generator of its own. */
function randomOf(seed: number, number: string, timesCalled: number): Random {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${number}/${timesCalled}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return seededRandom(hash);
}

function drawTemper(random: Random, mix: PeopleMix): Temper {
  const weights: readonly (readonly [Temper, number])[] = [
    ['answers', mix.answers],
    ['busy', mix.busy],
    ['no-answer', mix.noAnswer],
    ['declines', mix.declines],
    ['unreachable', mix.unreachable],
  ];
  let left = random.float() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [temper, weight] of weights) {
    left -= weight;
    if (left < 0) return temper;
  }
  return 'answers';
}

/** Half of the unreachable are numbers that do not exist. */
function isGone(temper: Temper, failure: number): boolean {
  return temper === 'unreachable' && failure < 0.5;
}

function hasComeAround(who: {
  seed: number;
  number: string;
  timesCalled: number;
  mix: PeopleMix;
  isGone: boolean;
}): boolean {
  if (who.isGone) return false;
  for (let call = 2; call <= who.timesCalled; call += 1) {
    if (randomOf(who.seed + 1, who.number, call).float() < who.mix.comeAroundShare) return true;
  }
  return false;
}

function between(random: Random, least: number, most: number): number {
  return Math.round(least + random.float() * (most - least));
}

/** Most press 1, the key that a prompt names first. */
const keys = ['1', '1', '1', '2', '2', '3', '9'] as const;

function answers(random: Random, mix: PeopleMix): Reaction {
  const ringAfterMs = between(random, 60, 250);
  const answerAfterMs = between(random, 400, 2500);
  const pressesKey = random.float() < mix.keyShare;
  const isEarly = random.float() < mix.earlyShare;
  const keyAfterMs = between(random, 700, 2500);
  const digit = keys[Math.floor(random.float() * keys.length)] ?? '1';
  const staysMs = between(random, 900, 2200);
  return answering({
    ringAfterMs,
    answerAfterMs,
    key: pressesKey ? { digit, afterSoundMs: keyAfterMs } : null,
    hangUpAfterSoundMs: isEarly ? (pressesKey ? keyAfterMs : 0) + staysMs : null,
  });
}

function fails(
  temper: Exclude<Temper, 'answers'>,
  call: { failure: number; timesCalled: number; random: Random },
): Reaction {
  const { failure, timesCalled, random } = call;
  const ringAfterMs = between(random, 60, 250);
  switch (temper) {
    case 'busy':
      return refusing(
        'busy',
        { ringAfterMs: null, afterMs: between(random, 80, 400) },
        { status: 486, reason: 'Busy Here' },
      );
    case 'no-answer': {
      if (timesCalled === 1) return ringingForever(ringAfterMs);
      const afterMs = between(random, 3500, 6000);
      return refusing('rings-out', { ringAfterMs, afterMs }, { status: 480, reason: 'Temporarily Unavailable' });
    }
    case 'declines':
      return refusing(
        'declines',
        { ringAfterMs, afterMs: between(random, 500, 2500) },
        { status: 603, reason: 'Decline' },
      );
    case 'unreachable':
      return refusing(
        'unreachable',
        { ringAfterMs: null, afterMs: between(random, 50, 300) },
        unreachableResponse(failure),
      );
  }
}

function unreachableResponse(failure: number): { status: number; reason: string } {
  if (failure < 0.5) return { status: 404, reason: 'Not Found' };
  if (failure < 0.9) return { status: 480, reason: 'Temporarily Unavailable' };
  return { status: 503, reason: 'Service Unavailable' };
}
