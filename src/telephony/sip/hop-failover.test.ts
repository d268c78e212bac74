import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { SipMessage } from './message/sip-message.ts';
import { answerSdp, callerAddress, dial, type ObservedCall, SipBench } from './testing/endpoint-pair.ts';
import { udpHop } from './transport/hop.ts';

const addresses = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((address) => ({ address, port: 5060 }));
const hops = addresses.map(udpHop);
const nobodyAtPort0 = udpHop({ address: '10.0.0.9', port: 0 });

/** Three servers of one carrier, written by the test. */
function setup() {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const peers = addresses.map((address) => bench.peer(address));
  const peer = (index: number) => peers[index] ?? assert.fail('no such peer');
  /** The number of INVITE transactions that came to each. */
  const invites = (): number[] => peers.map((each) => new Set(each.of('INVITE').map((invite) => invite.branch)).size);
  return { bench, caller, peer, invites };
}

function endOf({ events }: ObservedCall) {
  return events.flatMap((event) => (event.type === 'ended' ? [event.end] : []))[0];
}

function sameBut(one: SipMessage, other: SipMessage): string[] {
  const names = ['via', 'from', 'to', 'call-id', 'cseq', 'contact', 'max-forwards', 'content-type'];
  const differing = names.filter((name) => one.header(name) !== other.header(name));
  return one.uri === other.uri && one.body === other.body ? differing : [...differing, 'uri or body'];
}

describe('failover of an INVITE, RFC 3263 section 4.3', () => {
  it('goes to the next hop after a 503, as the same request with another branch', () => {
    const { bench, caller, peer, invites } = setup();
    const made = dial(caller, { hops });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '100 Trying');
    peer(0).respond(peer(0).last('INVITE'), '503 Service Unavailable');
    assert.deepEqual(invites(), [1, 1, 0]);
    assert.deepEqual(sameBut(peer(0).last('INVITE'), peer(1).last('INVITE')), ['via']);
    assert.notEqual(peer(0).last('INVITE').branch, peer(1).last('INVITE').branch);
    assert.equal(peer(0).of('ACK').length, 1, 'the refusal is acknowledged where it came from');
    peer(1).respond(peer(1).last('INVITE'), '200 OK', { sdp: answerSdp });
    assert.equal(made.events.at(-1)?.type, 'answered');
    assert.deepEqual(invites(), [1, 1, 0]);
  });

  it('goes on after timer B, once nothing at all came back', () => {
    const { bench, caller, peer, invites } = setup();
    dial(caller, { hops });
    bench.clock.advance(31_900);
    assert.deepEqual(invites(), [1, 0, 0]);
    bench.clock.advance(200);
    assert.deepEqual(invites(), [1, 1, 0]);
    assert.equal(peer(1).last('INVITE').callId, peer(0).last('INVITE').callId);
  });

  it('ends as the last hop says when all of them fail', () => {
    const { bench, caller, peer, invites } = setup();
    const made = dial(caller, { hops: hops.slice(0, 2) });
    bench.clock.advance(33_000);
    peer(1).respond(peer(1).last('INVITE'), '503 Later', { lines: 'Retry-After: 7\r\n' });
    assert.deepEqual(invites(), [1, 1, 0]);
    const end = endOf(made);
    assert.deepEqual([end?.cause, end?.status, end?.reason, end?.retryAfterS], ['rejected', 503, 'Later', 7]);
  });

  it('does not tell of a 503 that another hop made good', () => {
    const { bench, caller, peer } = setup();
    const made = dial(caller, { hops: hops.slice(0, 2) });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '503 Later', { lines: 'Retry-After: 7\r\n' });
    bench.clock.advance(33_000);
    const end = endOf(made);
    assert.deepEqual([end?.cause, end?.status, end?.retryAfterS], ['timeout', null, null]);
  });

  for (const status of [
    '404 Not Found',
    '486 Busy Here',
    '500 Oops',
    '600 Busy Everywhere',
    '603 Decline',
    '408 Timeout',
  ]) {
    it(`ends with a ${status}: the next hop could only reach the same callee`, () => {
      const { bench, caller, peer, invites } = setup();
      const made = dial(caller, { hops });
      bench.clock.advance(25);
      peer(0).respond(peer(0).last('INVITE'), status);
      bench.clock.advance(40_000);
      assert.deepEqual([endOf(made)?.status, invites()], [Number(status.slice(0, 3)), [1, 0, 0]]);
    });
  }

  it('ends with a 503 behind a provisional response above 100: somebody may have been called', () => {
    const { bench, caller, peer, invites } = setup();
    const made = dial(caller, { hops });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '183 Session Progress');
    peer(0).respond(peer(0).last('INVITE'), '503 Service Unavailable');
    bench.clock.advance(40_000);
    assert.deepEqual([endOf(made)?.status, invites()], [503, [1, 0, 0]]);
  });

  it('goes no further once it was hung up', () => {
    const { bench, caller, peer, invites } = setup();
    const held = dial(caller, { hops });
    const cancelling = dial(caller, { hops });
    bench.clock.advance(25);
    const [silent, trying] = peer(0).of('INVITE');
    assert.ok(silent !== undefined && trying !== undefined);
    held.call.hangUp();
    peer(0).respond(trying, '100 Trying');
    cancelling.call.hangUp();
    bench.clock.advance(25);
    peer(0).respond(trying, '503 Service Unavailable');
    bench.clock.advance(33_000);
    assert.deepEqual([endOf(held)?.cause, endOf(cancelling)?.cause], ['timeout', 'rejected']);
    assert.deepEqual(invites(), [2, 0, 0]);
  });

  it('cancels at the hop where the INVITE is now', () => {
    const { bench, caller, peer } = setup();
    const made = dial(caller, { hops });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '503 Service Unavailable');
    peer(1).respond(peer(1).last('INVITE'), '180 Ringing');
    made.call.hangUp();
    bench.clock.advance(25);
    assert.equal(peer(1).last('CANCEL').branch, peer(1).last('INVITE').branch);
    assert.equal(peer(0).of('CANCEL').length, 0);
  });

  it('hears nothing of what the hop it has left says later', () => {
    const { bench, caller, peer } = setup();
    const made = dial(caller, { hops });
    bench.clock.advance(32_100);
    peer(0).respond(peer(0).last('INVITE'), '180 Ringing');
    peer(0).respond(peer(0).last('INVITE'), '486 Busy Here');
    assert.deepEqual(made.events, []);
  });

  it('answers the challenge of each hop', () => {
    const { bench, caller, peer } = setup();
    const challenge = (nonce: string) => ({
      lines: `WWW-Authenticate: Digest realm="carrier", nonce="${nonce}", algorithm=MD5\r\n`,
    });
    dial(caller, { hops, credentials: { username: 'acme', password: 'secret' } });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '401 Unauthorized', challenge('one'));
    peer(0).respond(peer(0).last('INVITE'), '503 Service Unavailable');
    peer(1).respond(peer(1).last('INVITE'), '401 Unauthorized', challenge('two'));
    const [moved, authorized] = peer(1).of('INVITE');
    assert.deepEqual([moved?.cseq?.number, authorized?.cseq?.number], [2, 3]);
    assert.match(authorized?.header('authorization') ?? '', /nonce="two"/);
  });

  it('leaves a hop at once that nothing can be sent to', async () => {
    const { bench, caller, peer, invites } = setup();
    const made = dial(caller, { hops: [nobodyAtPort0, ...hops] });
    await turn();
    bench.clock.advance(25);
    assert.deepEqual(invites(), [1, 0, 0]);
    peer(0).respond(peer(0).last('INVITE'), '200 OK', { sdp: answerSdp });
    assert.equal(made.events.at(-1)?.type, 'answered');
  });
});

describe('what one call learns', () => {
  it('spares the others: they begin with the next hop, and come back when it answers', () => {
    const { bench, caller, peer, invites } = setup();
    dial(caller, { hops });
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('INVITE'), '503 Service Unavailable', { lines: 'Retry-After: 10\r\n' });
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [1, 2, 0]);
    bench.clock.advance(10_000);
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [2, 2, 0]);
  });

  it('spares them a silent hop after four seconds, and leaves those that wait there', () => {
    const { bench, caller, invites } = setup();
    dial(caller, { hops });
    bench.clock.advance(3_900);
    dial(caller, { hops });
    bench.clock.advance(200);
    assert.deepEqual(invites(), [2, 0, 0]);
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [2, 1, 0]);
  });

  it('spares all calls a hop that did not answer an OPTIONS of its own', () => {
    const { bench, caller, peer, invites } = setup();
    for (const hop of hops) void caller.options([hop], new AbortController().signal);
    bench.clock.advance(25);
    for (const index of [1, 2]) peer(index).respond(peer(index).last('OPTIONS'), '200 OK');
    bench.clock.advance(4_000);
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [0, 1, 0]);
  });

  it('lets one request try a hop whose time is over, and the others wait for what comes of it', () => {
    const { bench, caller, peer, invites } = setup();
    const silence = (ms: number): void => {
      for (let waited = 0; waited < ms; waited += 1_000) {
        bench.clock.advance(1_000);
        for (const invite of peer(1).of('INVITE')) peer(1).respond(invite, '486 Busy Here');
      }
    };
    dial(caller, { hops: hops.slice(0, 2) });
    silence(33_000);
    silence(30_000);
    assert.deepEqual(invites(), [1, 1, 0]);
    for (let call = 0; call < 5; call++) dial(caller, { hops: hops.slice(0, 2) });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [2, 5, 0]);
    const tried = peer(0).last('INVITE');
    peer(0).respond(tried, '486 Busy Here');
    dial(caller, { hops: hops.slice(0, 2) });
    bench.clock.advance(25);
    assert.deepEqual(invites(), [3, 5, 0]);
  });

  it('counts for OPTIONS too, which goes on as an INVITE does', async () => {
    const { bench, caller, peer } = setup();
    const status = caller.options(hops, new AbortController().signal);
    bench.clock.advance(32_100);
    peer(1).respond(peer(1).last('OPTIONS'), '503 Service Unavailable');
    peer(2).respond(peer(2).last('OPTIONS'), '404 Not Found');
    assert.equal(await status, 404);
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.equal(peer(2).of('INVITE').length, 1);
  });

  it('counts for REGISTER too', async () => {
    const { bench, caller, peer } = setup();
    const options = {
      ...{ registrarUri: 'sip:carrier.example', addressOfRecord: 'sip:acme@carrier.example', locate: async () => hops },
      ...{ routes: [], contactUser: 'acme', furtherContacts: [], credentials: null, expiresS: 600, instanceId: null },
    };
    const registration = caller.register(options, () => undefined);
    await turn();
    bench.clock.advance(25);
    peer(0).respond(peer(0).last('REGISTER'), '503 Service Unavailable');
    assert.equal(peer(1).of('REGISTER').length, 1);
    dial(caller, { hops });
    bench.clock.advance(25);
    assert.deepEqual([peer(0).of('INVITE').length, peer(1).of('INVITE').length], [0, 1]);
    void registration.close(0);
  });
});
