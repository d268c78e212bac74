/** How a speaking rate is reached: espeak-ng at `wordsPerMinute`, then its audio made `stretch` times as long. */
export type Speed = { readonly wordsPerMinute: number; readonly stretch: number };

/** espeak-ng's own default, which is what rate 1 means. */
const normalWpm = 175;
/** Below the one and above the other espeak-ng 1.52 does not change its pace any more. */
const slowestWpm = 80;
const fastestWpm = 450;

/** `speakingRate` is 0.25 to 4 (contract 4.1), a factor on the normal pace. */
export function speedFor(speakingRate: number): Speed {
  const wanted = normalWpm * speakingRate;
  const wordsPerMinute = Math.round(Math.min(fastestWpm, Math.max(slowestWpm, wanted)));
  const stretch = wordsPerMinute / wanted;
  return { wordsPerMinute, stretch: Math.abs(stretch - 1) < 0.02 ? 1 : stretch };
}
