import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DtmfMode, digitWay, dtmfModes, hearsTones, offersEvents } from './dtmf-mode.ts';

/** What is offered, whether tones are listened for with and without events, how digits leave with and without. */
const table: Readonly<Record<DtmfMode, readonly [boolean, boolean, boolean, string | null, string | null]>> = {
  auto: [true, false, true, 'event', 'tones'],
  auto_info: [true, false, false, 'event', 'info'],
  rfc4733: [true, false, false, 'event', null],
  info: [false, false, false, 'info', 'info'],
  inband: [false, true, true, 'tones', 'tones'],
  all: [true, true, true, 'event', 'tones'],
};

describe('how keys travel', () => {
  for (const mode of dtmfModes) {
    it(mode, () => {
      const [isOffered, hearsWith, hearsWithout, wayWith, wayWithout] = table[mode];
      assert.equal(offersEvents(mode), isOffered);
      assert.deepEqual([hearsTones(mode, true), hearsTones(mode, false)], [hearsWith, hearsWithout]);
      assert.deepEqual([digitWay(mode, true), digitWay(mode, false)], [wayWith, wayWithout]);
    });
  }
});
