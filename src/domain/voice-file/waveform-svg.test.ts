import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawWaveform } from './waveform-svg.ts';

const pathOf = (svg: string): string => /<path d="([^"]*)"/.exec(svg)?.[1] ?? '';

test('each part is a line from its highest to its lowest sample', () => {
  const svg = drawWaveform({ name: 'a', detail: 'b' }, Int8Array.of(-127, 127, 0, 0));
  const heights = [...pathOf(svg).matchAll(/M[\d.]+ (-?[\d.]+)V(-?[\d.]+)/g)].map(
    ([, top, bottom]) => Number(bottom) - Number(top),
  );
  const [loud = 0, quiet = 0] = heights;
  assert.equal(heights.length, 2);
  assert.ok(loud > 120 && loud < 138, `${loud}`);
  assert.ok(quiet > 0 && quiet < 2, `${quiet}`);
});

test('a name is text, whatever is in it', () => {
  const svg = drawWaveform({ name: '<script>&', detail: '' }, new Int8Array(0));
  assert.ok(svg.includes('&lt;script&gt;&amp;') && !svg.includes('<script>'));
  assert.equal(pathOf(svg), '');
});
