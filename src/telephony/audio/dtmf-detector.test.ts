import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Random, seededRandom } from '../../lib/random.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { type DtmfShape, generateDtmf, sentDtmf } from './dtmf-tones.ts';
import { createG711Codec, type G711Law } from './g711.ts';

const keys = '0123456789*#ABCD';
const laws: readonly G711Law[] = ['PCMA', 'PCMU'];

/** Noise in dB below both tones together; null: none. */
type Line = { readonly shape: DtmfShape; readonly pauseMs: number; readonly noiseDb: number | null };

/** The line's own silence at the beginning, the key, its pause, through G.711. */
function overLine(key: string, { shape, pauseMs, noiseDb }: Line, random: Random, law: G711Law): Int16Array {
  const tone = generateDtmf(key, shape, 8000);
  // Wherever in a frame it may begin.
  const lead = Math.floor(random.float() * 40);
  const pcm = new Int16Array(lead + tone.length + Math.round(pauseMs * 8));
  pcm.set(tone, lead);
  if (noiseDb !== null) addNoise(pcm, powerOf(shape) * 10 ** (-noiseDb / 10), random);
  const codec = createG711CodecOnce(law);
  const codes = new Uint8Array(pcm.length);
  codec.encode(pcm, codes);
  codec.decode(codes, pcm);
  return pcm;
}

const codecs = new Map(laws.map((law) => [law, createG711Codec(law)]));

function createG711CodecOnce(law: G711Law) {
  const codec = codecs.get(law);
  assert.ok(codec !== undefined);
  return codec;
}

function powerOf({ lowDbm0, highDbm0 }: DtmfShape): number {
  return ((10 ** ((lowDbm0 - 3.14) / 10) + 10 ** ((highDbm0 - 3.14) / 10)) * 32_768 ** 2) / 2;
}

function addNoise(pcm: Int16Array, power: number, random: Random): void {
  for (let index = 0; index < pcm.length; index += 1) {
    const gauss = Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
    pcm[index] = Math.max(-32_768, Math.min(32_767, Math.round((pcm[index] ?? 0) + Math.sqrt(power) * gauss)));
  }
}

function between(from: number, to: number, random: Random): number {
  return from + (to - from) * random.float();
}

/** Every key many times on lines as `line` gives them; what was sent, and what was heard. */
function send(count: number, law: G711Law, line: (random: Random) => Line): { sent: string; heard: string } {
  const random = seededRandom(4301);
  let sent = '';
  let heard = '';
  const detector = new DtmfDetector(({ key }) => (heard += key));
  for (let index = 0; index < count; index += 1) {
    const key = keys[Math.floor(random.float() * keys.length)] ?? '0';
    sent += key;
    detector.hear(overLine(key, line(random), random, law), { isConcealed: false });
  }
  detector.hear(new Int16Array(800), { isConcealed: false });
  return { sent, heard };
}

const clear = { pauseMs: 40, noiseDb: null };

/** What ITU-T Q.24 wants to be heard, each to its limit. */
const heardLines: readonly (readonly [name: string, line: (random: Random) => Line])[] = [
  ['40 ms and a pause of 40 ms', () => ({ ...clear, shape: { ...sentDtmf, durationMs: 40 } })],
  [
    'from 0 to -36 dBm0 a tone',
    (random) => {
      const level = between(-36, 0, random);
      return { ...clear, shape: { durationMs: 50, lowDbm0: level, highDbm0: level } };
    },
  ],
  [
    'the high tone from 8 dB below to 4 dB above the low one',
    (random) => {
      const low = between(-25, -8, random);
      return { ...clear, shape: { durationMs: 50, lowDbm0: low, highDbm0: low + between(-8, 4, random) } };
    },
  ],
  ['both tones 1.5 % off, up or down', (random) => ({ ...clear, shape: { ...sentDtmf, ...off(0.015, random) } })],
  ['noise 12 dB below', () => ({ pauseMs: 60, noiseDb: 12, shape: { ...sentDtmf, durationMs: 50 } })],
];

/** Up or down, each tone for itself. */
function off(share: number, random: Random): Pick<DtmfShape, 'lowDeviation' | 'highDeviation'> {
  const sign = (): number => (random.float() < 0.5 ? -1 : 1);
  return { lowDeviation: sign() * share, highDeviation: sign() * share };
}

/** What it wants not to be heard, and what no sender makes. */
const unheardLines: readonly (readonly [name: string, line: (random: Random) => Line])[] = [
  ['23 ms', () => ({ ...clear, shape: { ...sentDtmf, durationMs: 23 } })],
  [
    'the low tone 3.5 % off',
    (random) => ({ ...clear, shape: { ...sentDtmf, lowDeviation: off(0.035, random).lowDeviation ?? 0 } }),
  ],
  [
    'the high tone 3.5 % off',
    (random) => ({ ...clear, shape: { ...sentDtmf, highDeviation: off(0.035, random).highDeviation ?? 0 } }),
  ],
  ['the high tone 8 dB above the low one', () => ({ ...clear, shape: { ...sentDtmf, lowDbm0: -20, highDbm0: -12 } })],
  ['the high tone 12 dB below the low one', () => ({ ...clear, shape: { ...sentDtmf, lowDbm0: -10, highDbm0: -22 } })],
  ['one tone alone', () => ({ ...clear, shape: { ...sentDtmf, highDbm0: -80 } })],
  ['-46 dBm0 a tone', () => ({ ...clear, shape: { ...sentDtmf, lowDbm0: -46, highDbm0: -46 } })],
  ['noise as loud as the tones', () => ({ pauseMs: 40, noiseDb: 0, shape: sentDtmf })],
];

for (const law of laws) {
  describe(`keys in the audio, ${law}`, () => {
    for (const [name, line] of heardLines) {
      it(`are heard: ${name}`, () => {
        const { sent, heard } = send(160, law, line);
        assert.equal(heard, sent);
      });
    }

    for (const [name, line] of unheardLines) {
      it(`are not heard: ${name}`, () => assert.equal(send(160, law, line).heard, ''));
    }

    it('are heard, ten thousand of all kinds, none missed and none doubled', () => {
      const { sent, heard } = send(10_000, law, (random) => {
        const low = between(-28, -4, random);
        const shape = {
          durationMs: between(40, 160, random),
          lowDbm0: low,
          highDbm0: low + between(-8, 4, random),
          lowDeviation: between(-0.015, 0.015, random),
          highDeviation: between(-0.015, 0.015, random),
        };
        return { shape, pauseMs: between(40, 80, random), noiseDb: between(15, 40, random) };
      });
      assert.equal(sent.length, 10_000);
      assert.equal(heard, sent);
    });
  });
}

describe('DtmfDetector', () => {
  it('tells how long a key was held, to 5 ms, whatever the pieces of audio', () => {
    for (const piece of [1, 7, 40, 160, 80, 1000]) {
      const found: string[] = [];
      const detector = new DtmfDetector(({ key, durationMs }) => found.push(`${key} ${durationMs}`));
      const pcm = new Int16Array(8000);
      pcm.set(generateDtmf('7', { ...sentDtmf, durationMs: 300 }, 8000), 1000);
      for (let at = 0; at < pcm.length; at += piece) {
        detector.hear(pcm.subarray(at, at + piece), { isConcealed: false });
      }
      assert.equal(found.length, 1);
      const [key, durationMs] = (found[0] ?? '').split(' ');
      assert.equal(key, '7');
      assert.ok(Math.abs(Number(durationMs) - 300) <= 5, `${durationMs} ms`);
    }
  });

  it('hears a key over the echo of a prompt that is 15 dB below it', () => {
    const found: string[] = [];
    const detector = new DtmfDetector(({ key }) => found.push(key));
    const pcm = new Int16Array(8000);
    pcm.set(generateDtmf('3', sentDtmf, 8000), 4000);
    for (let index = 0; index < pcm.length; index += 1) {
      // A voice of 150 Hz with the overtones that a telephone lets through.
      let echo = 0;
      for (let hz = 300; hz < 3400; hz += 150) echo += 500 * Math.sin((2 * Math.PI * hz * index) / 8000) * (600 / hz);
      pcm[index] = (pcm[index] ?? 0) + echo;
    }
    detector.hear(pcm, { isConcealed: false });
    assert.deepEqual(found, ['3']);
  });
});
