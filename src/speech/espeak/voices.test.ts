import assert from 'node:assert/strict';
import { test } from 'node:test';
import { espeakLanguageCodes, espeakVoiceFor } from './voices.ts';

const cases: [lan: string, gender: 1 | 2 | null, accent: string | null, voice: string, note: RegExp | null][] = [
  ['EN', null, null, 'gmw/en-US+f3', null],
  ['EN', 2, '1', 'gmw/en-US+f3', null],
  ['EN', 1, '44', 'gmw/en+m3', null],
  ['EN', null, '1876', 'gmw/en-029+f3', null],
  ['EN', null, '91', 'gmw/en-US+f3', /no voice with accent 91 for EN/],
  ['EN', null, 'constructor', 'gmw/en-US+f3', /no voice with accent constructor/],
  ['ES', 1, '52', 'roa/es-419+m3', null],
  ['PT', 2, '55', 'roa/pt-BR+f3', null],
  ['FR', 2, '41', 'roa/fr-CH+f3', null],
  ['HK', 2, null, 'sit/yue+f3', null],
  ['JP', 2, null, 'jpx/ja+f3', /kana only/],
  ['JP', 2, '1', 'jpx/ja+f3', /kana only.*; no voice with accent 1 for JP/],
];

for (const [lan, ssmlGender, accent, voice, note] of cases) {
  test(`${lan} gender ${ssmlGender} accent ${accent} is ${voice}`, () => {
    const choice = espeakVoiceFor({ lan, ssmlGender, accent });
    assert.equal(choice?.voice, voice);
    if (note === null) assert.equal(choice?.note, null);
    else assert.match(choice?.note ?? '', note);
  });
}

for (const lan of ['PH', 'XX', 'en', '', 'toString']) {
  test(`language "${lan}" is not spoken`, () => {
    assert.equal(espeakVoiceFor({ lan, ssmlGender: null, accent: null }), null);
  });
}

test('every code of contract 13.3 and 15.13 but PH is spoken', () => {
  const named = `VN EN JP ARB DE IN IT KR RU ES PT IDN BD TH CN TW HK FR TR MY PK IR PL NL UA RO GR SE HU CZ KE IL`;
  assert.deepEqual(espeakLanguageCodes(), named.split(' ').sort());
});
