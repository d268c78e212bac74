import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeForSsml, isSsml, readSpeechText } from './read-speech-text.ts';
import { plainManner, type SpeechPart, SpeechTextError, type SpeechTextProblem } from './speech-part.ts';

const words = (text: string, manner = {}): SpeechPart => ({
  type: 'words',
  words: text,
  manner: { ...plainManner, ...manner },
});
const pause = (ms: number): SpeechPart => ({ type: 'pause', ms });

function problemOf(text: string): SpeechTextProblem {
  try {
    readSpeechText(text);
  } catch (error) {
    if (error instanceof SpeechTextError) return error.problem;
    throw error;
  }
  throw new assert.AssertionError({ message: `taken: ${text}` });
}

test('what does not begin with <speak is words, whatever is in it', () => {
  for (const text of ['Hello', 'a < b & c', '<b>bold</b>', '<speaker> on', 'one <break time="9s"/> two']) {
    assert.equal(isSsml(text), false);
    assert.deepEqual(readSpeechText(text), [words(text)]);
  }
});

const documents: readonly [ssml: string, parts: readonly SpeechPart[]][] = [
  ['<speak>Hello</speak>', [words('Hello')]],
  ['  <speak version="1.1" xml:lang="en">\n  Hello\n  there\n</speak> ', [words(' Hello there ')]],
  ['<speak>a<break time="300ms"/>b</speak>', [words('a'), pause(300), words('b')]],
  ['<speak>a<break time="1.5s"></break>b</speak>', [words('a'), pause(1500), words('b')]],
  ['<speak>a<break/><break strength="x-strong"/></speak>', [words('a'), pause(500), pause(1000)]],
  [
    '<speak>Code <say-as interpret-as="digits">1234</say-as>.</speak>',
    [words('Code '), words('1234', { isSpelled: true }), words('.')],
  ],
  ['<speak><emphasis>now</emphasis></speak>', [words('now', { emphasis: 'moderate' })]],
  [
    '<speak><prosody rate="80%">a <emphasis level="strong">b</emphasis></prosody></speak>',
    [words('a ', { rate: 0.8 }), words('b', { rate: 0.8, emphasis: 'strong' })],
  ],
  [
    '<speak><prosody rate="slow">a<prosody rate="2">b</prosody></prosody></speak>',
    [words('a', { rate: 0.75 }), words('b', { rate: 1.5 })],
  ],
  ['<speak>Tom &amp; Jerry &lt;3</speak>', [words('Tom & Jerry <3')]],
  ['<speak>Tom & Jerry</speak>', [words('Tom & Jerry')]],
];

for (const [ssml, parts] of documents) {
  test(`reads ${ssml.trim()}`, () => {
    assert.equal(isSsml(ssml), true);
    assert.deepEqual(readSpeechText(ssml), parts);
  });
}

const refused: readonly [text: string, problem: Partial<SpeechTextProblem>][] = [
  ['<speak>Hello', { type: 'not-well-formed' }],
  ['<speak>a</speak><speak>b</speak>', { type: 'not-well-formed' }],
  ['<speak>a</speak> and more', { type: 'not-well-formed' }],
  ['<speak><!-- a comment -->a</speak>', { type: 'not-well-formed' }],
  ['<speak>&bomb; a</speak>', { type: 'not-well-formed' }],
  ['<speak><audio src="http://example.com/a.mp3"/>a</speak>', { type: 'unknown-element', element: 'audio' }],
  ['<speak><p>a</p></speak>', { type: 'unknown-element', element: 'p' }],
  ['<speak rate="2">a</speak>', { type: 'unknown-attribute', attribute: 'rate' }],
  ['<speak>a<break time="11s"/></speak>', { type: 'bad-value', attribute: 'time', value: '11s' }],
  ['<speak>a<break time="-1s"/></speak>', { type: 'bad-value', value: '-1s' }],
  [`<speak>a<break time="\${text1}"/></speak>`, { type: 'bad-value', value: `\${text1}` }],
  ['<speak>a<break strength="constructor"/></speak>', { type: 'bad-value', attribute: 'strength' }],
  ['<speak>a<break>b</break></speak>', { type: 'not-empty', element: 'break' }],
  ['<speak><say-as>12</say-as></speak>', { type: 'missing-attribute', attribute: 'interpret-as' }],
  ['<speak><say-as interpret-as="date">12</say-as></speak>', { type: 'bad-value', value: 'date' }],
  ['<speak><emphasis level="very">a</emphasis></speak>', { type: 'bad-value', value: 'very' }],
  ['<speak><prosody>a</prosody></speak>', { type: 'missing-attribute', attribute: 'rate' }],
  ['<speak><prosody rate="500%">a</prosody></speak>', { type: 'bad-value', value: '500%' }],
  ['<speak><prosody pitch="high">a</prosody></speak>', { type: 'unknown-attribute', attribute: 'pitch' }],
  ['<speak><break time="1s"/></speak>', { type: 'no-words' }],
  ['<speak/>', { type: 'no-words' }],
  [' ... ', { type: 'no-words' }],
];

for (const [text, problem] of refused) {
  test(`refuses ${text.trim()}`, () => {
    const found = problemOf(text);
    assert.deepEqual({ ...found, ...problem }, found);
  });
}

test('any text comes back as it was when it is escaped', () => {
  const visible = fc.string({ unit: 'grapheme' }).map((text) => `x${text.replaceAll(/[\s\p{C}]+/gu, ' ')}`);
  fc.assert(
    fc.property(visible, (text) => {
      assert.deepEqual(readSpeechText(`<speak>${escapeForSsml(text)}</speak>`), [words(text)]);
    }),
  );
});

test('whatever comes, it is read or refused', () => {
  const pieces = fc.constantFrom(
    '<speak>',
    '</speak>',
    '<break/>',
    '<',
    '>',
    '&',
    '"',
    '<prosody rate="2">',
    'word',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      try {
        readSpeechText(`<speak>${parts.join('')}`);
      } catch (error) {
        assert.ok(error instanceof SpeechTextError, String(error));
      }
    }),
  );
});
