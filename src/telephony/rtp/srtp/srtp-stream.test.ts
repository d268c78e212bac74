import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { prepareRtp, stampRtp } from '../rtp-packet.ts';
import { guessIndex, ReplayWindow, replayWindowPackets } from './packet-index.ts';
import { SrtpProtector } from './srtp-protector.ts';
import { SrtpStream } from './srtp-stream.ts';
import { masterKeyBytes, type SrtpKey, type SrtpSuiteName, srtpSuites } from './srtp-suite.ts';
import { SrtpUnprotector } from './srtp-unprotector.ts';

const suites = Object.keys(srtpSuites) as SrtpSuiteName[];

function keyOf(suite: SrtpSuiteName, fill = 7): SrtpKey {
  return { suite, masterKey: Buffer.alloc(masterKeyBytes(suite), fill) };
}

function rtp(sequence: number, payload: Uint8Array = Buffer.alloc(160, 0xd5), ssrc = 99): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet.set(payload, 12);
  prepareRtp(packet, ssrc);
  stampRtp(packet, 8, sequence & 0xffff, 160 * sequence);
  return packet;
}

/** Both ends of one direction; `wire` gives a packet as it goes over the network. */
function pair(suite: SrtpSuiteName) {
  const protector = new SrtpProtector(keyOf(suite));
  const far = new SrtpUnprotector(keyOf(suite));
  return { far, wire: (packet: Buffer) => Buffer.from(protector.protect(packet)) };
}

describe('SRTP', () => {
  const payloads = fc.uint8Array({ maxLength: 300 });

  it('gives back what was protected, in every suite, whatever the payload, header extension and CSRCs', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...suites),
        payloads,
        fc.nat(65_535),
        fc.nat(3),
        (suite, payload, sequence, csrcs) => {
          const packet = Buffer.concat([rtp(sequence, payload).subarray(0, 12), Buffer.alloc(4 * csrcs + 8), payload]);
          packet[0] = 0x90 | csrcs;
          packet.writeUInt16BE(1, 12 + 4 * csrcs + 2);
          const { far, wire } = pair(suite);
          const sent = wire(packet);
          assert.equal(sent.length, packet.length + srtpSuites[suite].tagBytes);
          const headerEnd = packet.length - payload.length;
          assert.deepEqual(sent.subarray(0, headerEnd), packet.subarray(0, headerEnd), 'the header stays readable');
          assert.deepEqual(far.unprotect(sent), packet);
        },
      ),
    );
  });

  it('takes no packet of which one bit was changed, and the right one after it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...suites), payloads, fc.nat(), (suite, payload, at) => {
        const { far, wire } = pair(suite);
        const packet = rtp(500, payload);
        const sent = wire(packet);
        const bit = at % (sent.length * 8);
        const changed = Buffer.from(sent);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(far.unprotect(changed), null);
        assert.deepEqual(far.unprotect(sent), packet);
      }),
    );
  });

  it('takes every packet once, over loss and reordering within the window and over wraps of the sequence number', () => {
    const order = fc.array(fc.record({ step: fc.integer({ min: -60, max: 400 }), isRepeated: fc.boolean() }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(order, fc.integer({ min: 0, max: 65_535 }), (steps, first) => {
        const { far, wire } = pair('AES_CM_128_HMAC_SHA1_80');
        // The sender goes through all numbers once, over three wraps at most.
        const sent = new Map<number, Buffer>();
        const positions = [first];
        for (const { step } of steps) positions.push(Math.max(first, (positions.at(-1) ?? first) + step * 3));
        for (let index = first; index <= Math.max(...positions); index += 1) {
          const packet = wire(rtp(index, Buffer.alloc(8, index)));
          if (positions.includes(index)) sent.set(index, packet);
        }
        const taken = new Set<number>();
        let highest = first;
        for (const position of positions) {
          const isAdmitted = !taken.has(position) && highest - position < replayWindowPackets;
          const opened = far.unprotect(Buffer.from(sent.get(position) ?? assert.fail('was sent')));
          assert.deepEqual(opened, isAdmitted ? rtp(position, Buffer.alloc(8, position)) : null);
          if (isAdmitted) taken.add(position);
          highest = Math.max(highest, position);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('finds the place of a source whose sequence number wrapped once before it was heard', () => {
    const { far, wire } = pair('AES_CM_128_HMAC_SHA1_80');
    wire(rtp(65_535));
    const late = wire(rtp(65_536 + 20));
    assert.deepEqual(far.unprotect(late), rtp(65_536 + 20));
    assert.deepEqual(far.unprotect(wire(rtp(65_536 + 21))), rtp(65_536 + 21));
  });

  it('keeps sources apart: each has its own counter and its own repetitions', () => {
    const { far } = pair('AEAD_AES_128_GCM');
    const [one, two] = [new SrtpProtector(keyOf('AEAD_AES_128_GCM')), new SrtpProtector(keyOf('AEAD_AES_128_GCM'))];
    for (const sequence of [1, 2, 30_000, 60_000, 90_000]) {
      assert.deepEqual(far.unprotect(Buffer.from(one.protect(rtp(sequence)))), rtp(sequence));
      if (sequence > 2) continue;
      assert.deepEqual(
        far.unprotect(Buffer.from(two.protect(rtp(sequence, undefined, 100)))),
        rtp(sequence, undefined, 100),
      );
    }
    const many = new SrtpUnprotector(keyOf('AEAD_AES_128_GCM'));
    for (let ssrc = 0; ssrc < 100; ssrc += 1) {
      const source = new SrtpProtector(keyOf('AEAD_AES_128_GCM'));
      assert.notEqual(many.unprotect(Buffer.from(source.protect(rtp(1, undefined, ssrc)))), null);
    }
  });

  it('takes nothing with another key, of RTCP, cut short or empty', () => {
    const { far, wire } = pair('AES_CM_128_HMAC_SHA1_80');
    const packet = wire(rtp(1));
    assert.equal(new SrtpUnprotector(keyOf('AES_CM_128_HMAC_SHA1_80', 8)).unprotect(Buffer.from(packet)), null);
    assert.equal(far.unprotect(Buffer.concat([Buffer.from([0x80, 200]), packet.subarray(2)])), null);
    for (let length = 0; length < packet.length; length += 1) {
      assert.equal(far.unprotect(Buffer.from(packet.subarray(0, length))), null);
    }
    assert.notEqual(far.unprotect(packet), null);
  });
});

describe('guessIndex', () => {
  it('takes the nearest index, on either side of a wrap', () => {
    const cases: [number, number, number | null][] = [
      [10, 11, 11],
      [10, 9, 9],
      [65_535, 0, 65_536],
      [65_540, 65_535, 65_535],
      [5, 65_535, null],
      [0x2_0005, 0xfff0, 0x1_fff0],
      [2 ** 48 - 1, 0, null],
    ];
    for (const [highest, sequence, index] of cases) assert.equal(guessIndex(highest, sequence), index);
  });
});

describe('ReplayWindow', () => {
  it('agrees with a set of all indices seen', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -200, max: 200 }), { maxLength: 300 }), (steps) => {
        const window = new ReplayWindow(1000);
        const seen = new Set([1000]);
        for (const step of steps) {
          const index = window.highest + step;
          const isFresh = index > window.highest - replayWindowPackets && !seen.has(index);
          assert.equal(window.admits(index), isFresh);
          if (isFresh) window.mark(index);
          if (isFresh) seen.add(index);
        }
      }),
    );
  });
});

describe('SrtpStream', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  const keysOf = (send: number, receive: number) => ({ send: keyOf(suite, send), receive: keyOf(suite, receive) });

  it('goes on under a key that stays, and begins anew under another, each direction for itself', () => {
    const [near, far] = [new SrtpStream(keysOf(1, 2)), new SrtpStream(keysOf(2, 1))];
    const pass = (from: SrtpStream, to: SrtpStream, sequence: number) =>
      to.unprotect(Buffer.from(from.protect(rtp(sequence)))) !== null;
    assert.ok(pass(near, far, 65_535) && pass(near, far, 65_536) && pass(far, near, 65_535) && pass(far, near, 65_536));
    const replayed = Buffer.from(far.protect(rtp(65_537)));
    assert.notEqual(near.unprotect(Buffer.from(replayed)), null);

    near.configure(keysOf(3, 2));
    assert.equal(pass(near, far, 65_537), false, 'the far side has not heard of the new key');
    assert.equal(near.unprotect(replayed), null, 'what was seen under the old key stays seen');
    assert.ok(pass(far, near, 65_538), 'and its ROC counts on');
    far.configure(keysOf(2, 3));
    assert.ok(pass(near, far, 2), 'at ROC 0 again');
    assert.ok(pass(far, near, 65_539));
  });
});
