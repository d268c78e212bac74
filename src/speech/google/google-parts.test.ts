import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpeechText } from '../ssml/read-speech-text.ts';
import { type GoogleInput, googleInputsOf } from './inputs.ts';
import { readLinear16 } from './linear16.ts';
import { googleVoiceFor, readGoogleVoice } from './voices.ts';

const markupOf = (input: GoogleInput): string => ('ssml' in input ? input.ssml : input.text);

test('plain words go to Google as they are', () => {
  assert.deepEqual(googleInputsOf(readSpeechText('Tom & Jerry')), [{ text: 'Tom & Jerry' }]);
});

test('SSML goes to Google in its own words', () => {
  const text =
    '<speak>Tom &amp; Jerry<break strength="strong"/><prosody rate="slow"><emphasis>your <say-as interpret-as="digits">12</say-as></emphasis></prosody></speak>';
  const inside = (words: string): string =>
    `<prosody rate="75%"><emphasis level="moderate">${words}</emphasis></prosody>`;
  assert.deepEqual(googleInputsOf(readSpeechText(text)), [
    {
      ssml: `<speak>Tom &amp; Jerry<break time="750ms"/>${inside('your ')}${inside('<say-as interpret-as="characters">12</say-as>')}</speak>`,
    },
  ]);
});

for (const [what, text] of [
  ['sentences', 'Your parcel has arrived. '.repeat(400)],
  ['words', 'parcel '.repeat(1500)],
  ['a script without blanks', '包裹已到达'.repeat(700)],
  ['markup', `<speak>${'<emphasis>Ihr Paket ist da.</emphasis> '.repeat(300)}</speak>`],
] as const) {
  test(`more than Google takes at once is cut: ${what}`, () => {
    const inputs = googleInputsOf(readSpeechText(text));
    assert.ok(inputs.length > 1);
    for (const input of inputs) assert.ok(Buffer.byteLength(markupOf(input)) <= 5000);
    const said = inputs.map((input) => markupOf(input).replaceAll(/<\/?speak>/g, '')).join('');
    const wanted = text.replaceAll(/<\/?speak>/g, '').replaceAll('<emphasis>', '<emphasis level="moderate">');
    assert.equal(said, wanted);
    if (what === 'sentences') for (const input of inputs) assert.match(markupOf(input), /arrived\. $/);
  });
}

test('voices: language, accent and gender', () => {
  const cases = [
    ['EN', null, null, 'en-US/FEMALE', null],
    ['EN', 1, '91', 'en-IN/MALE', null],
    ['PH', null, null, 'fil-PH/FEMALE', null],
    ['EN', null, '7', 'en-US/FEMALE', 'no voice with accent 7 for EN; the default voice speaks'],
    ['PK', null, null, 'ur-IN/FEMALE', "Google's Urdu is that of India"],
  ] as const;
  for (const [lan, ssmlGender, accent, voice, note] of cases) {
    assert.deepEqual(googleVoiceFor({ lan, ssmlGender, accent }), { voice, note });
  }
  for (const lan of ['IR', 'KE', 'constructor']) {
    assert.equal(googleVoiceFor({ lan, ssmlGender: null, accent: null }), null);
  }
  assert.deepEqual(readGoogleVoice('cmn-CN/MALE'), { languageCode: 'cmn-CN', ssmlGender: 'MALE' });
});

/** A WAV with a chunk before the samples, as writers may put one. */
function wav({ channels = 1, dataBytes }: { channels?: number; dataBytes?: number } = {}): Buffer {
  const samples = Int16Array.of(1, -2, 300);
  const data = Buffer.from(samples.buffer);
  const header = Buffer.alloc(56);
  header.write('RIFF', 0);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt16LE(16, 34);
  header.write('LIST', 36);
  header.writeUInt32LE(3, 40);
  header.write('data', 48);
  header.writeUInt32LE(dataBytes ?? data.length, 52);
  return Buffer.concat([header, data]);
}

test('the samples of LINEAR16 are read, also where the length says that there is no end', () => {
  for (const file of [wav(), wav({ dataBytes: 0xffffffff })]) {
    assert.deepEqual(readLinear16(file), { pcm: Int16Array.of(1, -2, 300), sampleRate: 16_000 });
  }
  for (const file of [Buffer.alloc(0), Buffer.from('OggS, not WAV'), wav({ channels: 2 }), wav().subarray(0, 44)]) {
    assert.throws(() => readLinear16(file), /not the audio that was asked for/);
  }
});
