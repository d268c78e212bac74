import { silentLogger } from '../../src/lib/logger.ts';
import type { Random } from '../../src/lib/random.ts';
import { createEspeakSynthesizer } from '../../src/speech/espeak/espeak-synthesizer.ts';
import { espeakLanguageCodes, espeakVoiceFor } from '../../src/speech/espeak/voices.ts';
import { resample } from '../../src/telephony/audio/resample.ts';

const never = new AbortController().signal;

/** espeak-ng's men and women, high and low. */
const variants = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'f1', 'f2', 'f3', 'f4', 'f5'];
const onsets = ['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'v', 'z', 'ch', 'sh', 'tr', 'br', ''];
const vowels = ['a', 'e', 'i', 'o', 'u', 'ai', 'ou', 'ee', 'oo', 'ei'];
const codas = ['', '', 'n', 'm', 'l', 'r', 's', 't', 'k'];

/**
 * Speech that was never heard before, 8 kHz, piece by piece: invented words and numbers, read by voices of all languages, men and women, slow and fast. Stops when
 * `seconds` have been spoken. The same for the same random.
 */
export async function* speak(seconds: number, random: Random): AsyncGenerator<Int16Array<ArrayBuffer>> {
  const synthesizer = createEspeakSynthesizer({ logger: silentLogger(), requestTimeoutMs: 120_000 });
  const voices = espeakLanguageCodes().flatMap(
    (lan) => espeakVoiceFor({ lan, ssmlGender: 2, accent: null })?.voice ?? [],
  );
  try {
    for (let spoken = 0; spoken < seconds; ) {
      const voice = pick(voices, random).replace(/\+.*/, `+${pick(variants, random)}`);
      const request = { voice, text: inventText(random), speakingRate: 0.7 + random.float() * 0.8 };
      const { pcm, sampleRate } = await synthesizer.synthesize(request, never);
      const piece = await resample(pcm, sampleRate, 8000);
      spoken += piece.length / 8000;
      yield piece;
    }
  } finally {
    await synthesizer.close();
  }
}

/** Some ten seconds of it. */
function inventText(random: Random): string {
  const words = Array.from({ length: 18 }, () =>
    random.float() < 0.15 ? String(Math.floor(random.float() * 10_000)) : inventWord(random),
  );
  return `${words.slice(0, 7).join(' ')}, ${words.slice(7, 12).join(' ')}. ${words.slice(12).join(' ')}?`;
}

function inventWord(random: Random): string {
  const syllables = 1 + Math.floor(random.float() * 3);
  return Array.from(
    { length: syllables },
    () => pick(onsets, random) + pick(vowels, random) + pick(codas, random),
  ).join('');
}

function pick<T>(choices: readonly T[], random: Random): T {
  const choice = choices[Math.floor(random.float() * choices.length)];
  if (choice === undefined) throw new Error('nothing to choose from');
  return choice;
}
