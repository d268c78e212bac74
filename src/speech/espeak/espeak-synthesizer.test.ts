import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { InfrastructureError } from '../../lib/errors.ts';
import { silentLogger } from '../../lib/logger.ts';
import type { SpeechAudio } from '../synthesizer.ts';
import { createEspeakSynthesizer, type EspeakSynthesizer, espeakName } from './espeak-synthesizer.ts';
import { espeakLanguages } from './languages.ts';

const never = new AbortController().signal;
const logger = silentLogger();
const english = { voice: 'gmw/en-US+f3', speakingRate: 1, text: 'Hello, your parcel has arrived.' };
/** About two minutes of speech: long enough to be interrupted. */
const long = { ...english, text: 'Your parcel has arrived. '.repeat(80) };

/** "Hello, your parcel has arrived." in every language. */
const sentences: Readonly<Record<string, string>> = {
  VN: 'Xin chào, bưu kiện của bạn đã đến.',
  EN: 'Hello, your parcel has arrived.',
  JP: 'こんにちは、おにもつがとどきました。',
  ARB: 'مرحبا، لقد وصل طردك.',
  DE: 'Guten Tag, Ihr Paket ist angekommen.',
  IN: 'नमस्ते, आपका पार्सल आ गया है।',
  IT: 'Buongiorno, il suo pacco è arrivato.',
  KR: '안녕하세요, 소포가 도착했습니다.',
  RU: 'Здравствуйте, ваша посылка прибыла.',
  ES: 'Hola, su paquete ha llegado.',
  PT: 'Olá, a sua encomenda chegou.',
  IDN: 'Halo, paket Anda telah tiba.',
  BD: 'হ্যালো, আপনার পার্সেল এসে গেছে।',
  TH: 'สวัสดีครับ พัสดุของคุณมาถึงแล้ว',
  CN: '您好,您的包裹已到达。',
  TW: '您好,您的包裹已送達。',
  HK: '你好,你嘅包裹已經到咗。',
  FR: 'Bonjour, votre colis est arrivé.',
  TR: 'Merhaba, paketiniz geldi.',
  MY: 'Helo, bungkusan anda telah tiba.',
  PK: 'ہیلو، آپ کا پارسل آ گیا ہے۔',
  IR: 'سلام، بسته شما رسید.',
  PL: 'Dzień dobry, paczka dotarła.',
  NL: 'Hallo, uw pakket is aangekomen.',
  UA: 'Добрий день, ваша посилка прибула.',
  RO: 'Bună ziua, coletul a sosit.',
  GR: 'Γεια σας, το δέμα σας έφτασε.',
  SE: 'Hej, ditt paket har kommit.',
  HU: 'Jó napot, megérkezett a csomagja.',
  CZ: 'Dobrý den, vaše zásilka dorazila.',
  KE: 'Habari, kifurushi chako kimefika.',
  IL: 'שלום, החבילה שלך הגיעה.',
};

function seconds(audio: SpeechAudio): number {
  return audio.pcm.length / audio.sampleRate;
}

function rms(audio: SpeechAudio): number {
  return Math.sqrt(audio.pcm.reduce((sum, sample) => sum + sample * sample, 0) / audio.pcm.length);
}

/** The median pitch of the voiced parts in Hz, by autocorrelation. */
function pitch({ pcm, sampleRate }: SpeechAudio): number {
  const window = 1024;
  const found: number[] = [];
  for (let at = 0; at + 2 * window < pcm.length; at += 4 * window) {
    let best = { score: 0.7, lag: 0 };
    for (let lag = Math.round(sampleRate / 350); lag < sampleRate / 70; lag++) {
      let product = 0;
      let here = 1;
      let there = 1;
      for (let i = at; i < at + window; i += 2) {
        const a = pcm[i] ?? 0;
        const b = pcm[i + lag] ?? 0;
        product += a * b;
        here += a * a;
        there += b * b;
      }
      const score = here < (window / 2) * 250_000 ? 0 : product / Math.sqrt(here * there);
      if (score > best.score + 0.01) best = { score, lag };
    }
    if (best.lag > 0) found.push(sampleRate / best.lag);
  }
  found.sort((a, b) => a - b);
  return found[Math.floor(found.length / 2)] ?? 0;
}

describe('espeak-ng', () => {
  let synthesizer: EspeakSynthesizer;
  before(() => {
    synthesizer = createEspeakSynthesizer({ logger });
  });
  after(() => synthesizer.close());

  for (const [lan, language] of Object.entries(espeakLanguages)) {
    test(`really speaks ${lan}, with every accent, as a woman and as a man`, async () => {
      const text = sentences[lan];
      assert.ok(text !== undefined);
      for (const voice of new Set([language.standard, ...Object.values(language.accents)])) {
        const woman = await synthesizer.synthesize({ voice: `${voice}+f3`, text, speakingRate: 1 }, never);
        const man = await synthesizer.synthesize({ voice: `${voice}+m3`, text, speakingRate: 1 }, never);
        for (const audio of [woman, man]) {
          assert.equal(audio.sampleRate, 22_050);
          assert.ok(seconds(audio) > 1 && seconds(audio) < 5, `${voice}: ${seconds(audio)} s`);
          assert.ok(rms(audio) > 1000, `${voice}: rms ${rms(audio)}`);
        }
        assert.ok(pitch(woman) > 1.3 * pitch(man), `${voice}: ${pitch(woman)} Hz, ${pitch(man)} Hz`);
      }
    });
  }

  test('a speaking rate is a factor on the pace over its whole range', async () => {
    const text = 'Hello, this is a call from your bank. Please press one to confirm a payment of twenty dollars.';
    const normal = seconds(await synthesizer.synthesize({ ...english, text }, never));
    for (const speakingRate of [0.25, 0.5, 2, 4]) {
      const audio = await synthesizer.synthesize({ ...english, text, speakingRate }, never);
      const reached = normal / seconds(audio);
      assert.ok(Math.abs(reached / speakingRate - 1) < 0.12, `rate ${speakingRate} became ${reached}`);
      assert.ok(rms(audio) > 1000);
    }
  });

  test('text is text: markup and phoneme brackets are not obeyed', async () => {
    const pause = await synthesizer.synthesize({ ...english, text: 'one <break time="9s"/> two' }, never);
    assert.ok(seconds(pause) > 1.5 && seconds(pause) < 7, `${seconds(pause)} s`);
    const brackets = await synthesizer.synthesize({ ...english, text: '[[parcel]]' }, never);
    const word = await synthesizer.synthesize({ ...english, text: 'parcel' }, never);
    assert.ok(Math.abs(seconds(brackets) - seconds(word)) < 0.3, `${seconds(brackets)} s, ${seconds(word)} s`);
  });

  test('SSML is obeyed: pauses to the sample, digits, pace and emphasis', async () => {
    const say = (text: string): Promise<SpeechAudio> => synthesizer.synthesize({ ...english, text }, never);
    const [one, two] = [await say('one'), await say('two')];
    const paused = await say('<speak>one<break time="1.25s"/>two</speak>');
    assert.equal(paused.pcm.length, one.pcm.length + Math.round(1.25 * 22_050) + two.pcm.length);
    const number = seconds(await say('1234'));
    const digits = seconds(await say('<speak><say-as interpret-as="digits">1234</say-as></speak>'));
    const spelled = seconds(await say('1 2 3 4'));
    assert.ok(Math.abs(digits - spelled) < 0.3 && digits < number - 0.5, `${number}, ${digits}, ${spelled} s`);
    const text = 'one two three four five six seven eight nine ten';
    const normal = seconds(await say(text));
    for (const [rate, factor] of [
      ['50%', 2],
      ['2', 0.5],
      ['25%', 4],
    ] as const) {
      const paced = seconds(await say(`<speak><prosody rate="${rate}">${text}</prosody></speak>`));
      assert.ok(Math.abs(paced / normal / factor - 1) < 0.12, `rate ${rate}: ${paced} s, ${normal} s`);
    }
    const [strong, reduced] = [
      await say('<speak><emphasis level="strong">parcel</emphasis></speak>'),
      await say('<speak><emphasis level="reduced">parcel</emphasis></speak>'),
    ];
    assert.ok(rms(strong) > 1.5 * rms(reduced), `${rms(strong)}, ${rms(reduced)}`);
    await assert.rejects(
      say('<speak><audio src="x"/>hello</speak>'),
      (error) => error instanceof InfrastructureError && !error.retryable && /<audio> is not known/.test(error.message),
    );
  });

  test('a voice that is not there is refused for good', async () => {
    await assert.rejects(
      synthesizer.synthesize({ ...english, voice: 'gmw/xx+f3' }, never),
      (error) => error instanceof InfrastructureError && !error.retryable && /no voice gmw\/xx/.test(error.message),
    );
  });

  test('a killed process fails the request in flight retryably; the next request starts a new one', async () => {
    await synthesizer.synthesize(english, never);
    const [pid] = synthesizer.pids();
    assert.ok(pid !== undefined);
    const inFlight = synthesizer.synthesize(long, never);
    process.kill(pid, 'SIGKILL');
    await assert.rejects(inFlight, (error) => error instanceof InfrastructureError && error.retryable);
    assert.ok(rms(await synthesizer.synthesize(english, never)) > 1000);
    assert.notEqual(synthesizer.pids()[0], pid);
  });

  test('aborting rejects with the reason, waiting or being spoken, and disturbs nobody else', async () => {
    const spoken = new AbortController();
    const waiting = new AbortController();
    const first = synthesizer.synthesize(long, spoken.signal);
    const second = synthesizer.synthesize(long, waiting.signal);
    const third = synthesizer.synthesize(english, never);
    waiting.abort(new Error('second left'));
    await assert.rejects(second, /second left/);
    spoken.abort(new Error('first left'));
    await assert.rejects(first, /first left/);
    const audio = await third;
    assert.ok(seconds(audio) < 5, 'the third gets its own audio, not the first one');
  });
});

test('the queue is bounded', async () => {
  const synthesizer = createEspeakSynthesizer({ logger, maxQueue: 1 });
  const first = synthesizer.synthesize(english, never);
  const second = synthesizer.synthesize(english, never);
  await assert.rejects(
    synthesizer.synthesize(english, never),
    (error) => error instanceof InfrastructureError && error.retryable && /full/.test(error.message),
  );
  await Promise.all([first, second]);
  await synthesizer.close();
});

test('a process that does not answer in time is killed and its request fails retryably', async () => {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    ...systemClock,
    setTimer(callback) {
      timers.push(callback);
      return { cancel: () => undefined };
    },
  };
  const synthesizer = createEspeakSynthesizer({ logger, clock, requestTimeoutMs: 5 });
  const hanging = synthesizer.synthesize(long, never);
  timers[0]?.();
  await assert.rejects(
    hanging,
    (error) => error instanceof InfrastructureError && error.retryable && /no answer within 5 ms/.test(error.message),
  );
  assert.deepEqual(synthesizer.pids(), []);
  assert.ok(seconds(await synthesizer.synthesize(english, never)) > 1);
  await synthesizer.close();
});

test('closing ends what waits and what is spoken, and nothing is started afterwards', async () => {
  const synthesizer = createEspeakSynthesizer({ logger });
  const requests = Promise.allSettled([synthesizer.synthesize(long, never), synthesizer.synthesize(english, never)]);
  await synthesizer.close();
  assert.deepEqual(
    (await requests).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await assert.rejects(synthesizer.synthesize(english, never), /closed/);
  assert.deepEqual(synthesizer.pids(), []);
});

test('the name carries the version of the package', () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const version = /"@echogarden\/espeak-ng-emscripten": "([^"]+)"/.exec(manifest)?.[1];
  assert.equal(espeakName, `espeak-ng-${version}/2`);
});
