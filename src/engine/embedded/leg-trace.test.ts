import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaEvent, MediaStats } from '../../telephony/rtp/media-types.ts';
import { legMediaOf } from './leg-media.ts';
import { connectionOf, figuresOf, hopsOf, noteOf, tapOf } from './leg-trace.ts';

const events: [MediaEvent, string][] = [
  [{ type: 'first-packet' }, 'media: the first packet came'],
  [{ type: 'play-ended', promptKey: '7', isComplete: true }, 'media: prompt 7 was played'],
  [{ type: 'play-ended', promptKey: '7', isComplete: false }, 'media: prompt 7 was broken off'],
  [{ type: 'digit', digit: '5', durationMs: 160, source: 'rfc4733' }, 'digit: a key by RFC 4733, 160 ms'],
  [{ type: 'digit', digit: '5', durationMs: 95, source: 'in-band' }, 'digit: a key by its tones, 95 ms'],
  [
    { type: 'elsewhere', announced: '10.0.0.1:4000', actual: '192.0.2.1:4002' },
    'media: latched to 192.0.2.1:4002, announced was 10.0.0.1:4000',
  ],
  [{ type: 'failed', reason: 'thread died' }, 'media: failed: thread died'],
];
for (const [event, expected] of events) {
  test(`leg trace: ${expected}`, () => assert.equal(noteOf(event).join(': '), expected));
}

test('leg trace: no key is named', () => {
  const notes = [...'0123456789*#ABCD'].map(
    (digit) => noteOf({ type: 'digit', digit, durationMs: 100, source: 'in-band' })[1],
  );
  assert.equal(new Set(notes).size, 1);
});

test('leg trace: where to, what was agreed on, what came of it', () => {
  const hop = { address: '10.0.0.1', port: 5060, transport: 'udp', tls: null } as const;
  assert.equal(
    hopsOf([hop, { ...hop, address: '::1', transport: 'tcp' }]),
    'udp 10.0.0.1 port 5060, then tcp ::1 port 5060',
  );
  const media = { address: '10.0.0.1', port: 4000, codec: 'PCMA', payloadType: 8, eventPayloadType: null } as const;
  assert.equal(connectionOf({ ...media, ptimeMs: 20, canSend: true }), 'PCMA with 10.0.0.1 port 4000');
  assert.equal(connectionOf({ ...media, ptimeMs: 20, canSend: false }), 'PCMA with 10.0.0.1 port 4000, on hold');
});

test('leg trace: how the audio went', () => {
  const stats: MediaStats = {
    packetsSent: 500,
    packetsReceived: 95,
    packetsLost: 5,
    packetsRefused: 0,
    jitterMs: 2.25,
    roundTripMs: null,
    farReport: null,
  };
  const textOf = (more: Partial<MediaStats>): string => {
    const figures = { ...stats, ...more };
    return figuresOf(figures, legMediaOf(figures, 'PCMA'));
  };
  const ours = 'closed: 500 packets sent, 95 received, 5 lost';
  assert.equal(textOf({}), `${ours}, jitter 2.3 ms; MOS 3.90 (estimated)`);
  assert.match(textOf({ packetsRefused: 3 }), /5 lost, 3 refused, jitter/);
  const farReport = { packetsLost: 10, lossPercent: 2, jitterMs: 4 };
  assert.equal(
    textOf({ roundTripMs: 80, farReport }),
    `${ours}, jitter 2.3 ms; MOS 3.86 (estimated); ` +
      'the far side reported of ours: 2.0 % lost, jitter 4.0 ms, MOS 4.18 (estimated); round trip 80.0 ms',
  );
  const nothing = { packetsSent: 0, packetsReceived: 0, packetsLost: 0 };
  assert.match(textOf(nothing), /no packet/);
  assert.match(textOf({ ...nothing, packetsRefused: 3 }), /0 lost, 3 refused, jitter 2.3 ms$/, 'no MOS of nothing');
  assert.match(figuresOf(stats, null), /no packet/);
});

test('leg trace: messages, and what became of them', () => {
  const lines: string[] = [];
  const tap = tapOf({
    message: ({ direction, text }) => lines.push(`${direction} ${text}`),
    note: (kind, text) => lines.push(`${kind}: ${text}`),
  });
  const address = { address: '10.0.0.1', port: 5060 };
  tap.message({ direction: 'sent', transport: 'tls', local: address, remote: address, text: 'INVITE' });
  tap.ignored('it came from an address that was not asked');
  tap.movedOn({ ...address, transport: 'tls', tls: null });
  assert.deepEqual(lines, [
    'sent INVITE',
    'ignored: it came from an address that was not asked',
    'hop: tls 10.0.0.1 port 5060 failed, the next one is asked',
  ]);
});
