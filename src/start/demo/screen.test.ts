import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ansiPaint, clip, visibleLength } from './paint.ts';
import { createScreen } from './screen.ts';

function setup(isTTY: boolean) {
  const written: string[] = [];
  const time = { nowMs: 0 };
  const output = {
    isTTY,
    columns: 10,
    write: (text: string | Uint8Array) => {
      written.push(String(text));
      return true;
    },
  };
  return { screen: createScreen(output, { isColoured: false, monotonic: () => time.nowMs }), written, time };
}

describe('screen of a terminal', () => {
  it('draws a picture over the one before, no wider than the terminal', () => {
    const { screen, written } = setup(true);
    screen.show(['one', 'two'], '');
    screen.show(['a line that is too long'], '');
    assert.deepEqual(written, ['\rone\u001b[K\n\rtwo\u001b[K\n\u001b[J', '\u001b[2A\ra line tha\u001b[K\n\u001b[J']);
  });

  it('prints below a picture that it has left where it is', () => {
    const { screen, written } = setup(true);
    screen.show(['one'], '');
    screen.settle('one');
    screen.print('below');
    screen.show(['two'], '');
    assert.deepEqual(written.slice(1), ['below\n', '\rtwo\u001b[K\n\u001b[J']);
  });

  it('takes a picture away', () => {
    const { screen, written } = setup(true);
    screen.show(['one'], '');
    screen.clear();
    screen.clear();
    assert.deepEqual(written.slice(1), ['\u001b[1A\r\u001b[J']);
  });
});

describe('screen of a pipe', () => {
  it('writes a line every two seconds, and only when something but the time has changed', () => {
    const { screen, written, time } = setup(false);
    screen.show(['x'], '0:00 calls 1');
    time.nowMs = 1999;
    screen.show(['x'], '0:01 calls 2');
    time.nowMs = 2000;
    screen.show(['x'], '0:02 calls 1');
    screen.show(['x'], '0:02 calls 3');
    screen.clear();
    screen.settle('0:03 calls 3');
    assert.deepEqual(written, ['  0:00 calls 1\n', '  0:02 calls 3\n', '  0:03 calls 3\n']);
  });
});

describe('clip', () => {
  it('counts what is seen and keeps the colours', () => {
    const text = `ab${ansiPaint('red', 'cdef')}gh`;
    assert.equal(clip(text, 20), text);
    assert.equal(clip(text, 4), `ab${ansiPaint('red', 'cd')}`);
    assert.equal(visibleLength(clip(text, 7)), 7);
  });
});
