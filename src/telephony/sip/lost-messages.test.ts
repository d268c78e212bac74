import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IncomingCall } from './endpoint-types.ts';
import { answerSdp, calleeAddress, callerAddress, dial, SipBench } from './testing/endpoint-pair.ts';

const request = (method: string): RegExp => new RegExp(`^${method} `);
const response = (status: number, method: string): RegExp =>
  new RegExp(`^SIP/2\\.0 ${status} [\\s\\S]*CSeq: \\d+ ${method}\r\n`);

/** What was observed on both sides, each with the second it happened in. */
type Course = { readonly caller: string[]; readonly callee: string[]; readonly sent: (pattern: RegExp) => number };

/**
 * One call with some messages lost: it rings, is answered or refused after 0.1 s, and is hung up by the caller at 1 s. Observed for 100 s, after which nothing may be
 * left of it on either side.
 */
function runCall(drops: readonly (readonly [RegExp, number])[], answer: 'answered' | 'busy' | 'rings'): Course {
  const bench = new SipBench();
  for (const [pattern, count] of drops) bench.network.drop(pattern, count);
  const [caller, callee] = [bench.endpoint(callerAddress), bench.endpoint(calleeAddress)];
  const stamp = (what: string): string => `${(Math.floor(bench.clock.monotonic() / 100) / 10).toFixed(1)} ${what}`;
  const course = { caller: [] as string[], callee: [] as string[] };
  callee.onInvite((call: IncomingCall) => {
    call.observe((event) => course.callee.push(stamp(event.type === 'ended' ? event.cause : event.type)));
    call.provisional(180, 'Ringing');
    bench.clock.setTimer(() => {
      if (answer === 'answered') call.answer(answerSdp);
      if (answer === 'busy') call.reject(486, 'Busy Here');
    }, 100);
  });
  const { call, events } = dial(caller);
  bench.clock.setTimer(() => call.hangUp(), 1_000);
  let seen = 0;
  for (let ms = 0; ms < 100_000; ms += 5) {
    bench.clock.advance(5);
    for (const event of events.slice(seen)) {
      if (event.type === 'answered') course.caller.push(stamp('answered'));
      if (event.type === 'ended') course.caller.push(stamp(`${event.end.cause} ${event.end.status}`));
    }
    seen = events.length;
  }
  assert.deepEqual(
    [caller, callee]
      .map((endpoint) => endpoint.figures())
      .map(({ activeCalls, transactions }) => [activeCalls, transactions]),
    [
      [0, 0],
      [0, 0],
    ],
  );
  const sent = (pattern: RegExp): number => bench.network.seen.filter(({ text }) => pattern.test(text)).length;
  return { ...course, sent };
}

describe('an answered call', () => {
  const rows: readonly (readonly [
    name: string,
    drops: readonly (readonly [RegExp, number])[],
    caller: readonly string[],
    callee: readonly string[],
  ])[] = [
    [
      'whose first two INVITEs are lost: they are repeated after 0.5 and 1.5 s, and the hanging up waits',
      [[request('INVITE'), 2]],
      ['1.5 rejected 487'],
      ['1.5 cancelled'],
    ],
    [
      'whose first INVITE is lost',
      [[request('INVITE'), 1]],
      ['0.6 answered', '1.0 local-bye 200'],
      ['0.6 acknowledged', '1.0 remote-bye'],
    ],
    [
      'whose 200 is lost: the callee repeats it after T1',
      [[response(200, 'INVITE'), 1]],
      ['0.6 answered', '1.0 local-bye 200'],
      ['0.6 acknowledged', '1.0 remote-bye'],
    ],
    [
      'whose ACK is lost: the repeated 200 brings another',
      [[request('ACK'), 1]],
      ['0.1 answered', '1.0 local-bye 200'],
      ['0.6 acknowledged', '1.0 remote-bye'],
    ],
    [
      'none of whose ACKs arrives: the BYE ends it all the same',
      [[request('ACK'), 99]],
      ['0.1 answered', '1.0 local-bye 200'],
      ['1.0 remote-bye'],
    ],
    [
      'whose BYE is lost twice: it is repeated after 0.5 and 1.5 s',
      [[request('BYE'), 2]],
      ['0.1 answered', '2.5 local-bye 200'],
      ['0.1 acknowledged', '2.5 remote-bye'],
    ],
    [
      'whose answer to the BYE is lost: the repeated BYE is answered again, and ends nothing twice',
      [[response(200, 'BYE'), 1]],
      ['0.1 answered', '1.5 local-bye 200'],
      ['0.1 acknowledged', '1.0 remote-bye'],
    ],
    [
      'none of whose answers to the BYE arrives: timer F',
      [[response(200, 'BYE'), 99]],
      ['0.1 answered', '33.0 local-bye 200'],
      ['0.1 acknowledged', '1.0 remote-bye'],
    ],
  ];
  for (const [name, drops, caller, callee] of rows) {
    it(name, () => {
      const course = runCall(drops, 'answered');
      assert.deepEqual({ caller: course.caller, callee: course.callee }, { caller, callee });
    });
  }

  it('whose ACKs and BYEs all get lost is given up on by both sides', () => {
    const course = runCall(
      [
        [request('ACK'), 99],
        [/^BYE sip:10\.0\.0\.2/, 99],
      ],
      'answered',
    );
    // The callee has waited for the ACK for 64*T1 by then, and says BYE itself (RFC 3261 13.3.1.4).
    assert.deepEqual(course.callee, ['32.1 no-ack']);
    assert.deepEqual(course.caller, ['0.1 answered', '32.1 local-bye 200']);
  });
});

describe('a refused call', () => {
  it('whose ACK is lost is refused again after T1, and ends once', () => {
    const course = runCall([[request('ACK'), 1]], 'busy');
    assert.deepEqual(course.caller, ['0.1 rejected 486']);
    assert.deepEqual([course.sent(response(486, 'INVITE')), course.sent(request('ACK'))], [2, 2]);
  });

  it('whose refusal is lost three times ends with the fourth, 3.5 s later', () => {
    const course = runCall([[response(486, 'INVITE'), 3]], 'busy');
    assert.match(course.caller[0] ?? '', /^3\.6 rejected 486$/);
  });
});

describe('a cancelled call', () => {
  it('whose CANCEL is lost: it is repeated after T1', () => {
    const course = runCall([[request('CANCEL'), 1]], 'rings');
    assert.deepEqual([course.caller, course.callee], [['1.5 rejected 487'], ['1.5 cancelled']]);
  });

  it('whose 487 is lost: it is repeated, whatever becomes of the answer to the CANCEL', () => {
    const course = runCall(
      [
        [response(487, 'INVITE'), 1],
        [response(200, 'CANCEL'), 1],
      ],
      'rings',
    );
    assert.deepEqual([course.caller, course.callee], [['1.5 rejected 487'], ['1.0 cancelled']]);
  });
});
