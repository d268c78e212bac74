// Speaks the sentences of the machine detection set anew: node_modules/.bin/node scripts/make-machine-clips.ts
// Changes test/fixtures/machine/clips-*; the samples made of them change with it, and so do the figures.
import { readFileSync, writeFileSync } from 'node:fs';
import { silentLogger } from '../src/lib/logger.ts';
import { createEspeakSynthesizer } from '../src/speech/espeak/espeak-synthesizer.ts';
import { createG711Codec } from '../src/telephony/audio/g711.ts';
import { resample } from '../src/telephony/audio/resample.ts';
import { type ClipPlace, type Half, halves, machineFixture } from '../test/support/machine-set/clip-store.ts';

type Sentences = {
  readonly question: string;
  readonly talk: string;
  readonly company: string;
  readonly opening: string;
  readonly middle: readonly string[];
  readonly closing: string;
  readonly notice: string;
};

type Language = { readonly voice: string; readonly hello: readonly string[] } & Readonly<Record<Half, Sentences>>;

/** Two speakers a half: a variant of espeak-ng's voice, and how fast it speaks. No two halves share one. */
const speakers: Readonly<Record<Half, readonly { readonly variant: string; readonly speakingRate: number }[]>> = {
  tuning: [
    { variant: 'm1', speakingRate: 1.15 },
    { variant: 'f2', speakingRate: 0.95 },
  ],
  'held-apart': [
    { variant: 'f4', speakingRate: 1.2 },
    { variant: 'm7', speakingRate: 1 },
  ],
};

/** Loudness of the speech in a clip, as a share of full scale. */
const level = 0.1;
/** What is quieter than this at a clip's ends is cut away. */
const silence = 150;

const texts = JSON.parse(readFileSync(machineFixture('texts.json'), 'utf8')) as Readonly<Record<string, Language>>;
const synthesizer = createEspeakSynthesizer({ logger: silentLogger() });
for (const half of halves) await makeHalf(half);
await synthesizer.close();

async function makeHalf(half: Half): Promise<void> {
  const places: ClipPlace[] = [];
  const parts: Uint8Array[] = [];
  const codec = createG711Codec('PCMU');
  let at = 0;
  for (const [code, language] of Object.entries(texts)) {
    for (const [index, { variant, speakingRate }] of speakers[half].entries()) {
      for (const [role, text] of roles(language, half)) {
        const pcm = await speak(`${language.voice}+${variant}`, text, speakingRate);
        const codes = new Uint8Array(pcm.length);
        codec.encode(pcm, codes);
        parts.push(codes);
        places.push({ clip: `${code}/${index}/${role}`, at, samples: pcm.length });
        at += pcm.length;
      }
    }
  }
  writeFileSync(machineFixture(`clips-${half}.ulaw`), Buffer.concat(parts));
  const lines = places.map((place) => JSON.stringify(place)).join(',\n');
  writeFileSync(machineFixture(`clips-${half}.json`), `[\n${lines}\n]\n`);
  console.log(`${half}: ${places.length} clips, ${Math.round(at / 8000)} s`);
}

function roles(language: Language, half: Half): [role: string, text: string][] {
  const { question, talk, company, opening, middle, closing, notice } = language[half];
  return [
    ...language.hello.map((text, index): [string, string] => [`hello-${index}`, text]),
    ['question', question],
    ['talk', talk],
    ['company', company],
    ['opening', opening],
    ...middle.map((text, index): [string, string] => [`middle-${index}`, text]),
    ['closing', closing],
    ['notice', notice],
  ];
}

async function speak(voice: string, text: string, speakingRate: number): Promise<Int16Array> {
  const spoken = await synthesizer.synthesize({ voice, text, speakingRate }, AbortSignal.timeout(60_000));
  const pcm = await resample(spoken.pcm, spoken.sampleRate, 8000);
  const first = pcm.findIndex((sample) => Math.abs(sample) > silence);
  const last = pcm.findLastIndex((sample) => Math.abs(sample) > silence);
  if (first < 0) throw new Error(`${voice} says nothing: ${text}`);
  const trimmed = pcm.subarray(first, last + 1);
  let sum = 0;
  let count = 0;
  for (const sample of trimmed) {
    if (Math.abs(sample) <= silence) continue;
    sum += sample * sample;
    count += 1;
  }
  const gain = (level * 32767) / Math.sqrt(sum / count);
  return trimmed.map((sample) => Math.max(-32768, Math.min(32767, Math.round(sample * gain))));
}
