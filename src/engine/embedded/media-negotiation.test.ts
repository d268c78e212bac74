import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DtmfMode } from '../../call/dtmf-mode.ts';
import { seededRandom } from '../../lib/random.ts';
import { MediaNegotiation } from './media-negotiation.ts';

function negotiation(encryption: 'none' | 'sdes', seed = 1, dtmf: DtmfMode = 'auto'): MediaNegotiation {
  const local = { address: `10.0.0.${seed}`, port: 20_000 + 2 * seed, sessionId: seed };
  return new MediaNegotiation({
    local,
    codecs: ['PCMA', 'PCMU'],
    dtmf,
    encryption,
    random: seededRandom(seed),
    signallingHosts: ['192.0.2.1'],
  });
}

/** The taken answer; fails where there is a problem. */
function answerOf(side: MediaNegotiation, offer: string): string {
  const answered = side.answer(offer);
  return answered.isTaken ? answered.answer : assert.fail(answered.problem);
}

function versionOf(sdp: string): string | undefined {
  return /^o=- \d+ (\d+) /m.exec(sdp)?.[1];
}

function keysIn(sdp: string): string[] {
  return [...sdp.matchAll(/^a=crypto:(.*)$/gm)].map(([, value = '']) => value.trim());
}

describe('MediaNegotiation', () => {
  it('agrees with its like on addresses, and in clear on no keys', () => {
    const [near, far] = [negotiation('none', 1), negotiation('none', 2)];
    assert.equal(near.remote, null);
    const answer = answerOf(far, near.offer());
    assert.deepEqual(near.takeAnswer(answer), { isTaken: true });
    assert.partialDeepStrictEqual(near.remote, {
      address: '10.0.0.2',
      port: 20_004,
      codec: 'PCMA',
      canSend: true,
      signallingHosts: ['192.0.2.1'],
    });
    assert.partialDeepStrictEqual(far.remote, { address: '10.0.0.1', port: 20_002, codec: 'PCMA' });
    assert.ok(near.remote !== null && !('srtp' in near.remote));
  });

  it('hears a fork before the answer, and turns to the one that answers', () => {
    const near = negotiation('none', 1);
    const offer = near.offer();
    assert.deepEqual(near.takeEarly(answerOf(negotiation('none', 2), offer)), { isTaken: true });
    assert.equal(near.remote?.address, '10.0.0.2');
    assert.equal(near.takeEarly('v=0\r\n').isTaken, false);
    assert.equal(near.remote?.address, '10.0.0.2', 'what is not usable changes nothing');
    assert.deepEqual(near.takeAnswer(answerOf(negotiation('none', 3), offer)), { isTaken: true });
    assert.equal(near.remote?.address, '10.0.0.3');
  });

  it('hears a fork whose offer was answered before the answer, with the keys of that answer', () => {
    const [near, far] = [negotiation('sdes', 1), negotiation('sdes', 2)];
    const offer = far.offer();
    const answer = near.answerEarly(offer) ?? assert.fail('not answered');
    assert.deepEqual(near.takeEarly(offer), { isTaken: true });
    const early = near.remote?.srtp;
    assert.deepEqual(near.takeAnswer(offer), { isTaken: true });
    assert.deepEqual(near.remote?.srtp, early);
    far.takeAnswer(answer);
    assert.deepEqual(far.remote?.srtp?.receive, early?.send);
  });

  it('agrees on events where both want them, and listens for tones as the mode says', () => {
    const rows: readonly (readonly [
      near: DtmfMode,
      far: DtmfMode,
      events: boolean,
      hears: boolean,
      way: string | null,
    ])[] = [
      ['auto', 'auto', true, false, 'event'],
      ['auto', 'info', false, true, 'tones'],
      ['auto_info', 'rfc4733', true, false, 'event'],
      ['auto_info', 'inband', false, false, 'info'],
      ['rfc4733', 'auto', true, false, 'event'],
      ['rfc4733', 'inband', false, false, null],
      ['info', 'auto', false, false, 'info'],
      ['inband', 'auto', false, true, 'tones'],
      ['all', 'auto', true, true, 'event'],
      ['all', 'inband', false, true, 'tones'],
    ];
    for (const [nearMode, farMode, hasEvents, hears, way] of rows) {
      const [near, far] = [negotiation('none', 1, nearMode), negotiation('none', 2, farMode)];
      const offer = near.offer();
      assert.equal(offer.includes('telephone-event'), nearMode !== 'info' && nearMode !== 'inband', nearMode);
      assert.equal(near.digitWay, null);
      assert.ok(near.takeAnswer(answerOf(far, offer)).isTaken);
      assert.equal(near.remote?.eventPayloadType !== null, hasEvents, `${nearMode}, ${farMode}`);
      assert.equal(near.remote?.hearsTones ?? false, hears, `${nearMode}, ${farMode}`);
      assert.equal(near.digitWay, way, `${nearMode}, ${farMode}`);
    }
  });

  it('offers three suites with a key each, and agrees on two keys, one for each direction', () => {
    const [near, far] = [negotiation('sdes', 1), negotiation('sdes', 2)];
    const offer = near.offer();
    assert.deepEqual(
      keysIn(offer).map((value) => value.split(' ').slice(0, 2).join(' ')),
      ['1 AES_CM_128_HMAC_SHA1_80', '2 AES_256_CM_HMAC_SHA1_80', '3 AEAD_AES_128_GCM'],
    );
    assert.equal(new Set(keysIn(offer).map((value) => value.split('inline:')[1])).size, 3);
    assert.ok(near.takeAnswer(answerOf(far, offer)).isTaken);
    assert.deepEqual(near.remote?.srtp?.send, far.remote?.srtp?.receive);
    assert.deepEqual(near.remote?.srtp?.receive, far.remote?.srtp?.send);
    assert.notDeepEqual(near.remote?.srtp?.send, near.remote?.srtp?.receive);
  });

  it('takes the suite that the far side chose', () => {
    const [near, far] = [negotiation('sdes', 1), negotiation('sdes', 2)];
    const offer = near.offer();
    const withoutFirst = offer.replace(/a=crypto:[12] .*\r\n/g, '');
    assert.ok(near.takeAnswer(answerOf(far, withoutFirst)).isTaken);
    assert.equal(near.remote?.srtp?.receive.suite, 'AEAD_AES_128_GCM');
  });

  it('says what is wrong with an answer, and stays as it was', () => {
    const cases: [string, (answer: string) => string, string][] = [
      [
        'in clear',
        (answer) => answer.replace('RTP/SAVP', 'RTP/AVP').replace(/a=crypto.*\r\n/, ''),
        'audio in clear (RTP/AVP) where encryption is required',
      ],
      ['no key', (answer) => answer.replace(/a=crypto.*\r\n/, ''), 'encrypted audio without a crypto attribute'],
      [
        'another tag',
        (answer) => answer.replace('crypto:1', 'crypto:9'),
        'the answer takes no crypto attribute that was offered',
      ],
      [
        'the tag of another suite',
        (answer) => answer.replace('crypto:1', 'crypto:2'),
        'the answer takes no crypto attribute that was offered',
      ],
      [
        'two attributes',
        (answer) => answer.replace(/(a=crypto.*\r\n)/, '$1$1'),
        'the answer takes no crypto attribute that was offered',
      ],
    ];
    for (const [name, change, problem] of cases) {
      const near = negotiation('sdes', 1);
      const answer = answerOf(negotiation('sdes', 2), near.offer());
      assert.deepEqual(near.takeAnswer(change(answer)), { isTaken: false, problem }, name);
      assert.equal(near.remote, null);
    }
  });

  it('answers an offer that comes in the 2xx, in clear and with keys, as version 1', () => {
    for (const encryption of ['none', 'sdes'] as const) {
      const [near, far] = [negotiation(encryption, 1), negotiation(encryption, 2)];
      const answer = answerOf(near, far.offer());
      assert.equal(versionOf(answer), '1');
      assert.ok(far.takeAnswer(answer).isTaken);
      assert.deepEqual(near.remote?.srtp?.send, far.remote?.srtp?.receive);
    }
    assert.deepEqual(negotiation('sdes').answer(negotiation('none').offer()), {
      isTaken: false,
      problem: 'audio in clear (RTP/AVP) where encryption is required',
    });
  });

  it('counts the version up with each description, whoever offered', () => {
    const [near, far] = [negotiation('none', 1), negotiation('none', 2)];
    assert.equal(versionOf(near.offer()), '1');
    assert.equal(versionOf(answerOf(near, far.offer())), '2');
    assert.equal(versionOf(near.offer()), '3');
  });

  it('keeps its key where nothing changed, draws a fresh one where the far side has another key or address', () => {
    const [near, far] = [negotiation('sdes', 1), negotiation('sdes', 2)];
    near.takeAnswer(answerOf(far, near.offer()));
    const theirs = far.offer();
    const kept = answerOf(near, theirs);
    const first = near.remote?.srtp?.send;
    assert.equal(keysIn(theirs).length, 1, 'it offers what is agreed on');
    assert.deepEqual(keysIn(answerOf(near, theirs)), keysIn(kept));
    assert.deepEqual(near.remote?.srtp?.send, first);

    const changes: [string, (offer: string) => string][] = [
      ['key', (offer) => offer.replace(/inline:..../, 'inline:AAAA')],
      ['address', (offer) => offer.replaceAll('10.0.0.2', '10.0.0.3')],
      ['port', (offer) => offer.replace('m=audio 20004', 'm=audio 20008')],
    ];
    for (const [name, change] of changes) {
      const before = near.remote?.srtp?.send;
      answerOf(near, change(theirs));
      assert.notDeepEqual(near.remote?.srtp?.send, before, name);
      answerOf(near, theirs);
    }
  });

  it('offers within the call what is agreed on, and nothing is drawn anew', () => {
    const [near, far] = [negotiation('sdes', 1), negotiation('sdes', 2)];
    near.takeAnswer(answerOf(far, near.offer()));
    const before = near.remote?.srtp;
    assert.ok(near.takeAnswer(answerOf(far, near.offer())).isTaken);
    assert.deepEqual(near.remote?.srtp, before);
  });

  it('has RTCP where the far side wants it, on the port of RTP only where that was offered and answered', () => {
    const [near, far] = [negotiation('none', 1), negotiation('none', 2)];
    const muxLines = (sdp: string) => sdp.match(/^a=rtcp-mux$/gm)?.length ?? 0;
    const offer = near.offer();
    assert.equal(muxLines(offer), 0);
    const answer = answerOf(far, offer);
    near.takeAnswer(`${answer}a=rtcp-mux\r\n`);
    assert.equal(near.remote?.rtcp, undefined, 'an answer cannot ask for what was not offered');
    near.takeReanswer(`${answer}a=rtcp:30001\r\n`);
    assert.deepEqual(near.remote?.rtcp, { address: '10.0.0.2', port: 30_001 });

    const muxed = answerOf(near, `${far.offer()}a=rtcp-mux\r\n`);
    assert.deepEqual([muxLines(muxed), near.remote?.rtcp], [1, 'mux']);
    assert.equal(muxLines(near.offer()), 1, 'what is agreed on is offered again');
    near.takeAnswer(`${answer}a=rtcp-mux\r\n`);
    assert.equal(near.remote?.rtcp, 'mux');
    near.takeAnswer(answer);
    assert.equal(near.remote?.rtcp, undefined);
  });
});
