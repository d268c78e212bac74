import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/lib/random.ts';
import { DtmfDetector } from '../src/telephony/audio/dtmf-detector.ts';
import { throughLaw } from '../test/support/dtmf-line.ts';
import { soundNames, soundOf } from '../test/support/sound-material.ts';
import { speak } from '../test/support/spoken-material.ts';
import type { BenchResult } from './result.ts';

/** Of the loudest samples, as shares of full scale: far away, near, and clipping. */
const gains = [0.1, 0.5, 1.5];
const laws = ['PCMA', 'PCMU'] as const;

/**
 * How many keys the detector invents in speech and other sounds that hold none (talk-off), and what listening costs. Speech that was never heard before, in all languages
 * that espeak-ng speaks, and music, noise and call tones; each at three levels and through both laws of G.711. The value is invented keys an hour of speech listened to; nobody
 * was measured beside it. Options: `--minutes` 60 of distinct speech, `--seed` 4401.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: '4401' } },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const loadAverage = loadavg()[0] ?? 0;
  const listener = new TalkOffListener();
  let spokenS = 0;
  for await (const piece of speak(minutes * 60, seededRandom(seed))) {
    const before = Math.floor(spokenS / 300);
    spokenS += piece.length / 8000;
    listener.hear('speech', piece);
    if (Math.floor(spokenS / 300) !== before)
      console.error(JSON.stringify({ spokenS: Math.round(spokenS), ...listener }));
  }
  const random = seededRandom(seed + 1);
  for (let round = 0; round < minutes; round += 1) {
    for (const name of soundNames) listener.hear(name, soundOf(name, random));
  }
  const inSpeech = listener.invented.filter(({ where }) => where === 'speech').length;
  const listenedHours = (spokenS / 3600) * gains.length * laws.length;
  return {
    bench: 'digits',
    value: Math.round((inSpeech / listenedHours) * 1000) / 1000,
    unit: 'keys invented in an hour of speech',
    peer: null,
    peerValue: null,
    ratio: null,
    seed,
    spokenS: Math.round(spokenS),
    listenedHours: Math.round(listenedHours * 100) / 100,
    otherSoundsHours: Math.round(((minutes * soundNames.length * 10) / 3600) * gains.length * laws.length * 100) / 100,
    invented: listener.invented,
    cpuMsPerSecond: Math.round((listener.cpuMs / listener.heardS) * 1000) / 1000,
    loadAverage,
  };
}

class TalkOffListener {
  readonly invented: { readonly where: string; readonly key: string; readonly durationMs: number }[] = [];
  heardS = 0;
  cpuMs = 0;

  hear(where: string, pcm: Int16Array): void {
    for (const law of laws) {
      for (const gain of gains) {
        const heard = throughLaw(
          Int16Array.from(pcm, (sample) => Math.max(-32_768, Math.min(32_767, sample * gain))),
          law,
        );
        const detector = new DtmfDetector((press) => this.invented.push({ where, ...press }));
        const before = process.cpuUsage();
        detector.hear(heard, { isConcealed: false });
        const { user, system } = process.cpuUsage(before);
        detector.hear(new Int16Array(800), { isConcealed: false });
        this.cpuMs += (user + system) / 1000;
        this.heardS += pcm.length / 8000;
      }
    }
  }
}
