import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speechCacheKey } from './cache-key.ts';

const request = { voice: 'gmw/en-US+f3', text: 'hello', speakingRate: 1 };

test('everything that changes the audio changes the key, and nothing else', () => {
  const keys = [
    speechCacheKey('a', request),
    speechCacheKey('b', request),
    speechCacheKey('a', { ...request, voice: 'gmw/en-US+m3' }),
    speechCacheKey('a', { ...request, text: 'hello ' }),
    speechCacheKey('a', { ...request, speakingRate: 1.5 }),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(speechCacheKey('a', { ...request }), keys[0]);
});

test('fields cannot run into each other', () => {
  assert.notEqual(
    speechCacheKey('a', { voice: 'v","x', text: 't', speakingRate: 1 }),
    speechCacheKey('a', { voice: 'v', text: 'x","t', speakingRate: 1 }),
  );
});
