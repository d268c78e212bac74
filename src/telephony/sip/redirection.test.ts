import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Redirection } from './call/redirection.ts';
import type { Hop, InviteOptions } from './endpoint-types.ts';
import { SipMessage } from './message/sip-message.ts';
import { answerSdp, callerAddress, dial, type ObservedCall, SipBench } from './testing/endpoint-pair.ts';
import { systemTlsProfile, udpHop } from './transport/hop.ts';

const carrier = { address: '10.0.0.2', port: 5060 };
const gateway = { address: '10.0.0.3', port: 5060 };
const another = { address: '10.0.0.4', port: 5060 };
const target = 'sip:8613800000000@carrier.example';
const hosts: Readonly<Record<string, Hop>> = {
  'carrier.example': udpHop(carrier),
  'gateway.example': udpHop(gateway),
  'another.example': udpHop(another),
  'nobody.example': udpHop({ address: '10.0.0.9', port: 5060 }),
};

function setup() {
  const bench = new SipBench();
  const caller = bench.endpoint(callerAddress);
  const peers = { carrier: bench.peer(carrier), gateway: bench.peer(gateway), another: bench.peer(another) };
  const located: string[] = [];
  const locate = async (uri: string): Promise<readonly Hop[]> => {
    located.push(uri);
    const hop = hosts[/@?([\w.]+\.example)/.exec(uri)?.[1] ?? ''];
    if (hop === undefined) throw new Error(`no server of ${uri}`);
    return [hop];
  };
  const call = (options: Partial<InviteOptions> = {}): ObservedCall => {
    const made = dial(caller, {
      targetUri: target,
      hops: [udpHop(carrier)],
      redirection: { maxTargets: 3, locate },
      ...options,
    });
    bench.clock.advance(25);
    return made;
  };
  /** The carrier's answer to the INVITE that it got. */
  const redirect = async (contacts: string, statusLine = '302 Moved Temporarily', peer = peers.carrier) => {
    const invite = peer.last('INVITE');
    peer.send(
      `SIP/2.0 ${statusLine}\r\nVia: ${invite.header('via')}\r\nFrom: ${invite.header('from')}\r\nTo: ${invite.header('to')};tag=r\r\n` +
        `Call-ID: ${invite.callId}\r\nCSeq: ${invite.header('cseq')}\r\nContact: ${contacts}\r\nContent-Length: 0\r\n\r\n`,
      callerAddress,
    );
    await turn();
    bench.clock.advance(25);
  };
  const invites = () => Object.values(peers).map((peer) => new Set(peer.of('INVITE').map(({ branch }) => branch)).size);
  return { bench, peers, located, call, redirect, invites };
}

function redirectionTo(contact: string): SipMessage {
  const parts = { method: '', uri: '', status: 302, reason: '', body: '' };
  return new SipMessage({ ...parts, names: ['contact'], values: [contact] });
}

function endOf({ events }: ObservedCall) {
  return events.flatMap((event) => (event.type === 'ended' ? [event.end] : []))[0];
}

describe('redirection, RFC 3261 section 8.1.3.4', () => {
  it('asks the new address, as the same call: Call-ID, From, To; another branch, the next number', async () => {
    const { bench, peers, call, redirect, invites } = setup();
    const made = call();
    await redirect('<sip:1@gateway.example>');
    const [first, second] = [peers.carrier.last('INVITE'), peers.gateway.last('INVITE')];
    assert.equal(second.uri, 'sip:1@gateway.example');
    for (const name of ['call-id', 'from', 'to']) assert.equal(second.header(name), first.header(name), name);
    assert.deepEqual([first.header('cseq'), second.header('cseq')], ['1 INVITE', '2 INVITE']);
    assert.notEqual(first.branch, second.branch);
    assert.equal(second.body, first.body);
    assert.equal(peers.carrier.of('ACK').length, 1, 'the redirection is acknowledged where it came from');
    peers.gateway.respond(second, '200 OK', { sdp: answerSdp, lines: 'Record-Route: <sip:10.0.0.3;lr>\r\n' });
    assert.equal(made.events.at(-1)?.type, 'answered');
    made.call.hangUp();
    bench.clock.advance(25);
    assert.deepEqual([peers.gateway.of('ACK').length, peers.gateway.of('BYE').length], [1, 1]);
    assert.deepEqual(invites(), [1, 1, 0]);
  });

  it('ends the call where it is not wanted', async () => {
    const { call, redirect, invites } = setup();
    const made = call({ redirection: undefined });
    await redirect('<sip:1@gateway.example>');
    assert.deepEqual([endOf(made)?.cause, endOf(made)?.status, invites()], ['rejected', 302, [1, 0, 0]]);
  });

  for (const provisional of ['180 Ringing', '181 Call Is Being Forwarded', '183 Session Progress']) {
    it(`ends the call after a ${provisional}: nobody is rung twice`, async () => {
      const { peers, call, redirect, invites } = setup();
      const made = call();
      peers.carrier.respond(peers.carrier.last('INVITE'), provisional);
      await redirect('<sip:1@gateway.example>');
      assert.deepEqual([endOf(made)?.status, invites()], [302, [1, 0, 0]]);
    });
  }

  it('tries the next address after a failure, and none after the callee was found', async () => {
    const { peers, call, redirect, invites } = setup();
    const made = call();
    await redirect('<sip:1@gateway.example>;q=0.9, <sip:2@another.example>;q=0.5, <sip:3@carrier.example>;q=0.1');
    peers.gateway.respond(peers.gateway.last('INVITE'), '404 Not Found');
    await turn();
    peers.gateway.send('', callerAddress);
    assert.deepEqual(invites(), [1, 1, 1]);
    peers.another.respond(peers.another.last('INVITE'), '486 Busy Here');
    await turn();
    assert.deepEqual([endOf(made)?.status, invites()], [486, [1, 1, 1]]);
  });

  it('tries the next address when one is silent', async () => {
    const { bench, call, redirect, invites } = setup();
    call();
    await redirect('<sip:1@nobody.example>;q=0.9, <sip:2@another.example>;q=0.5');
    bench.clock.advance(32_500);
    await turn();
    bench.clock.advance(25);
    assert.deepEqual(invites(), [1, 0, 1]);
  });

  it('ends as the redirection says when the address leads nowhere', async () => {
    const { located, call, redirect, invites } = setup();
    const made = call();
    await redirect('<sip:1@nowhere.invalid>');
    assert.deepEqual(located, ['sip:1@nowhere.invalid']);
    assert.deepEqual([endOf(made)?.cause, endOf(made)?.status, invites()], ['rejected', 302, [1, 0, 0]]);
  });

  it('goes nowhere when it was hung up while the address was looked for', async () => {
    const { bench, peers, call, invites } = setup();
    let found: (hops: readonly Hop[]) => void = () => assert.fail('nothing is being located');
    const locate = () => new Promise<readonly Hop[]>((resolve) => (found = resolve));
    const made = call({ redirection: { maxTargets: 1, locate } });
    peers.carrier.respond(peers.carrier.last('INVITE'), '302 Moved', { lines: 'Contact: <sip:1@gateway.example>\r\n' });
    made.call.hangUp();
    found([udpHop(gateway)]);
    await turn();
    bench.clock.advance(25);
    assert.deepEqual([endOf(made)?.isCancelled, endOf(made)?.status, invites()], [true, 302, [1, 0, 0]]);
  });

  it('is not led around in circles', async () => {
    const { peers, call, redirect, invites } = setup();
    const made = call();
    await redirect('<sip:1@gateway.example>');
    await redirect(`<${target}>`, '301 Moved Permanently', peers.gateway);
    assert.deepEqual([endOf(made)?.status, invites()], [301, [1, 1, 0]]);
  });
});

describe('whom a redirected call trusts', () => {
  const headers = [['P-Asserted-Identity', '<sip:1@carrier.example>']] as const;
  const credentials = { username: 'acme', password: 'secret' };
  const challenge = 'WWW-Authenticate: Digest realm="carrier", nonce="n", qop="auth"\r\n';

  it('a stranger gets no credentials, no header of ours, and no answer to a challenge', async () => {
    const { bench, peers, call, redirect, invites } = setup();
    const made = call({ credentials, headers });
    peers.carrier.respond(peers.carrier.last('INVITE'), '401 Unauthorized', { lines: challenge });
    assert.notEqual(peers.carrier.last('INVITE').header('authorization'), null);
    await redirect('<sip:1@gateway.example>');
    const invite = peers.gateway.last('INVITE');
    assert.deepEqual([invite.header('authorization'), invite.header('p-asserted-identity')], [null, null]);
    peers.gateway.respond(invite, '401 Unauthorized', { lines: challenge });
    await turn();
    bench.clock.advance(25);
    assert.deepEqual([endOf(made)?.status, invites()], [401, [2, 1, 0]]);
  });

  for (const contact of ['<sip:1@carrier.example;x=1>', '<tel:+4930>']) {
    it(`${contact} at the call's own domain gets both`, async () => {
      const { peers, call, redirect } = setup();
      call({ credentials, headers });
      peers.carrier.respond(peers.carrier.last('INVITE'), '401 Unauthorized', { lines: challenge });
      await redirect(contact);
      const invite = peers.carrier.last('INVITE');
      assert.equal(invite.header('cseq'), '3 INVITE');
      assert.notEqual(invite.header('authorization'), null);
      assert.notEqual(invite.header('p-asserted-identity'), null);
    });
  }

  it('what was asked over TLS is asked over TLS, or not at all', async () => {
    const secure = (address: string): Hop => ({
      ...udpHop({ address, port: 5061 }),
      transport: 'tls',
      tls: { serverName: 'x.example', profile: systemTlsProfile },
    });
    const found = [udpHop(gateway), secure('10.0.0.3')];
    const redirection = new Redirection({
      hops: [secure('10.0.0.2')],
      targetUri: target,
      from: '<sip:1008@10.0.0.1>',
      sipCallId: 'x',
      offer: null,
      credentials: null,
      redirection: { maxTargets: 2, locate: async () => found.splice(0) },
    });
    redirection.takes(redirectionTo('<sip:1@gateway.example>, <sip:2@gateway.example>'));
    assert.deepEqual((await redirection.next())?.hops, [secure('10.0.0.3')]);
    found.push(udpHop(gateway));
    assert.equal(await redirection.next(), null);
  });

  it('passes its proxies on the way to another address', async () => {
    const { peers, located, call, redirect } = setup();
    call({ routes: ['<sip:carrier.example;lr>'], credentials, headers });
    await redirect('<sip:1@gateway.example>');
    const invite = peers.carrier.last('INVITE');
    assert.deepEqual([invite.uri, invite.header('route')], ['sip:1@gateway.example', '<sip:carrier.example;lr>']);
    assert.equal(invite.header('p-asserted-identity'), null, 'beyond the proxy there is a stranger');
    assert.deepEqual(located, []);
  });

  it('asks the proxy of a 305 for the same address', async () => {
    const { peers, call, redirect } = setup();
    call();
    await redirect('<sip:gateway.example>', '305 Use Proxy');
    const invite = peers.gateway.last('INVITE');
    assert.deepEqual([invite.uri, invite.header('route')], [target, '<sip:gateway.example;lr>']);
  });
});
