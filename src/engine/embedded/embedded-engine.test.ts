import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { sessionStats } from '../../../test/support/media-stats.ts';
import { trunkTarget } from '../../../test/support/trunk-target.ts';
import type { DialRequest, LegEvent } from '../../call/engine.ts';
import { outcomeOf } from '../../call/outcome.ts';
import type { Clock } from '../../lib/clock.ts';
import { silentLogger } from '../../lib/logger.ts';
import { seededRandom } from '../../lib/random.ts';
import { ScriptedResolver } from '../../telephony/dns/testing/scripted-resolver.ts';
import type { MediaObserver, MediaService, MediaSession, RemoteMedia } from '../../telephony/rtp/media-types.ts';
import type {
  InviteOptions,
  OutgoingCallObserver,
  RegisterOptions,
  Registration,
  RegistrationObserver,
  RegistrationStatus,
  SipEndpoint,
} from '../../telephony/sip/endpoint-types.ts';
import { createEmbeddedEngine } from './embedded-engine.ts';

const dnsTtlMs = 300_000;

/** Everything outside the engine, recorded, and driven by the test. */
function setup({ mediaProblem = null as string | null, rtpHosts = ['10.0.0.1'] } = {}) {
  const log: string[] = [];
  const invites: { options: InviteOptions; observer: OutgoingCallObserver }[] = [];
  const connects: RemoteMedia[] = [];
  const mediaObservers: MediaObserver[] = [];
  const timers: { callback: () => void; delayMs: number; isCancelled: boolean }[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimer(callback, delayMs) {
      const timer = { callback, delayMs, isCancelled: false };
      // What keeps the trunk's address fresh is not these tests' business.
      if (delayMs !== dnsTtlMs) timers.push(timer);
      return { cancel: () => void Object.assign(timer, { isCancelled: true }) };
    },
  };
  const unasked = (): never => assert.fail('nobody asked the engine for this');
  const session: MediaSession = {
    localPort: 20004,
    connect: (remote) => connects.push(remote),
    play: (promptKey, loopCount) => log.push(`play ${promptKey} x${loopCount}`),
    detectMachine: () => assert.fail('not asked for'),
    stopPlay: () => log.push('stop play'),
    interject: () => assert.fail('leg-digits.test.ts does'),
    ...{ sendDigit: unasked, captured: unasked, record: unasked },
    close: async () => sessionStats,
  };
  const media: MediaService = {
    room: 100,
    async open(observer) {
      if (mediaProblem !== null) throw new Error(mediaProblem);
      mediaObservers.push(observer);
      return session;
    },
    expectCodecs: (codecs) => log.push(`expect ${codecs.join()}`),
    loadPrompt: async (prompt) => void log.push(`load ${prompt.promptKey}`),
    unloadPrompt: (promptKey) => log.push(`unload ${promptKey}`),
    figures: async () => [],
    close: async () => void log.push('media closed'),
  };
  const endpoint: SipEndpoint = {
    local: { address: '0.0.0.0', port: 5060 },
    seenBy: () => null,
    invite(options, observer) {
      invites.push({ options, observer });
      return {
        sipCallId: options.sipCallId,
        hangUp: () => log.push('sip hang up'),
        sendInfoDigit: () => assert.fail('leg-digits.test.ts does'),
      };
    },
    addressFor: () => ({ address: '10.0.0.1', port: 5060 }),
    options: async ([hop], _, target) => {
      log.push(`options ${hop?.address} ${target?.uri}`);
      return 200;
    },
    examine: () => assert.fail('examine-trunk.test.ts does'),
    register: (registerOptions, observer) => registrar.register(registerOptions, observer),
    onInvite: () => assert.fail('the engine takes no calls'),
    async close() {
      log.push('endpoint closed');
      for (const { observer } of invites) {
        observer({
          type: 'ended',
          end: { cause: 'closed', status: null, reason: 'closed', ...nothingSaid, isCancelled: true },
        });
      }
    },
  };
  const registrar = new FakeRegistrar();
  const trunkAddresses: string[] = [];
  const engine = createEmbeddedEngine({
    endpoint,
    media,
    rtpHosts,
    clock,
    random: seededRandom(1),
    logger: silentLogger(),
    dns: new ScriptedResolver().sayAddresses('carrier.example', ['10.9.9.9'], dnsTtlMs / 1000),
    onTrunkAddress: (address) => trunkAddresses.push(address),
  });
  return { engine, log, invites, connects, mediaObservers, timers, trunkAddresses, registrar };
}

/** The registrations of an endpoint, and a way to say how they stand. */
class FakeRegistrar {
  readonly opened: RegisterOptions[] = [];
  closed = 0;
  #status: RegistrationStatus = {
    state: 'registering',
    expiresAt: null,
    nextTryAt: null,
    reason: null,
    serviceRoute: [],
  };
  #observer: RegistrationObserver = () => undefined;

  register(options: RegisterOptions, observer: RegistrationObserver): Registration {
    this.opened.push(options);
    this.#observer = observer;
    const status = (): RegistrationStatus => this.#status;
    return {
      get status() {
        return status();
      },
      close: async () => {
        this.closed += 1;
        this.tell({ state: 'unregistered', expiresAt: null, serviceRoute: [] });
      },
    };
  }

  tell(change: Partial<RegistrationStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#observer(this.#status);
  }
}

const nothingSaid = { q850Cause: null, causeText: null, retryAfterS: null };

const request: DialRequest = {
  sipCallId: 'c-5000001-1-1',
  trunk: trunkTarget({ host: 'carrier.example', port: 5070 }),
  number: '8613800000000',
  displayNum: '1008',
  ringTimeoutMs: 20_000,
};

function answerSdp(lines: string[] = []): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 10.9.9.9',
    's=-',
    'c=IN IP4 10.9.9.9',
    't=0 0',
    'm=audio 4000 RTP/AVP 8 96',
    'a=rtpmap:96 telephone-event/8000',
    ...lines,
    '',
  ].join('\r\n');
}

/** Dials and lets the leg open. */
async function dialed(parts: ReturnType<typeof setup>, changes: Partial<DialRequest> = {}) {
  const events: LegEvent[] = [];
  const listen = (event: LegEvent): void => void events.push(event);
  const leg = parts.engine.dial({ ...request, ...changes }, listen);
  assert.equal(events.length, 0, 'nothing is observed before dial returns');
  await turn();
  const sip: OutgoingCallObserver = (event) => parts.invites.at(-1)?.observer(event);
  const types = (): string[] => events.map((event) => event.type);
  const end = () => events.flatMap((event) => (event.type === 'ended' ? [event.end] : []))[0];
  return { leg, events, sip, types, end };
}

describe('registration with a trunk', () => {
  const account = trunkTarget({
    host: 'carrier.example',
    port: 5070,
    username: 'acme',
    authUsername: 'acme-1',
    password: 'secret',
  });

  it('is for the account at the domain, where the trunk is, with the digest user', async () => {
    const { engine, registrar } = setup();
    engine.register({ trunk: account, expiresS: 600 }, () => undefined);
    const options = registrar.opened[0];
    assert.ok(options);
    assert.equal(options.registrarUri, 'sip:carrier.example:5070');
    assert.equal(options.addressOfRecord, 'sip:acme@carrier.example');
    assert.equal(options.contactUser, 'acme');
    assert.equal(options.expiresS, 600);
    assert.deepEqual(options.credentials, { username: 'acme-1', password: 'secret' });
    assert.deepEqual(await options.locate(), [{ address: '10.9.9.9', port: 5070, transport: 'udp', tls: null }]);
  });

  it('goes through the outbound proxy, to it and not to the trunk, and belongs to the domain that From names', async () => {
    const { engine, registrar } = setup();
    const trunk = { ...account, fromDomain: 'ims.example', outboundProxy: 'sip:10.8.8.8:5090' };
    engine.register({ trunk, expiresS: 600 }, () => undefined);
    assert.deepEqual(registrar.opened[0]?.routes, ['<sip:10.8.8.8:5090;lr>']);
    assert.equal(registrar.opened[0]?.addressOfRecord, 'sip:acme@ims.example');
    assert.deepEqual(await registrar.opened[0]?.locate(), [
      { address: '10.8.8.8', port: 5090, transport: 'udp', tls: null },
    ]);
  });

  it('says who refused it, and names a host that is not found once', () => {
    const { engine, registrar } = setup();
    const reasons: (string | null)[] = [];
    engine.register({ trunk: account, expiresS: 600 }, ({ reason }) => reasons.push(reason));
    registrar.tell({ state: 'failed', reason: '403 Forbidden' });
    registrar.tell({ state: 'failed', reason: 'cannot resolve carrier.example' });
    registrar.tell({ state: 'registered', reason: null });
    assert.deepEqual(reasons, ['403 Forbidden from carrier.example', 'cannot resolve carrier.example', null]);
  });

  it('leads calls over the Service-Route while it stands', async () => {
    const parts = setup();
    const registration = parts.engine.register({ trunk: account, expiresS: 600 }, () => undefined);
    parts.registrar.tell({ state: 'registered', serviceRoute: ['<sip:10.7.7.7:5060;lr>'] });
    await dialed(parts, { trunk: account });
    assert.deepEqual(parts.invites[0]?.options.routes, ['<sip:10.7.7.7:5060;lr>']);
    assert.equal(parts.invites[0]?.options.hops[0]?.address, '10.7.7.7');
    await registration.close();
    assert.equal(parts.registrar.closed, 1);
    await dialed(parts, { trunk: account });
    assert.deepEqual(parts.invites[1]?.options.routes, []);
    assert.equal(parts.invites[1]?.options.hops[0]?.address, '10.9.9.9');
  });
});

describe('embedded engine', () => {
  it('sends the INVITE to the resolved address, with the whole Call-ID, the caller and the offer', async () => {
    const parts = setup();
    await dialed(parts, { trunk: { ...request.trunk, username: 'acme', password: 'secret' } });
    const options = parts.invites[0]?.options;
    assert.deepEqual(options?.hops, [{ address: '10.9.9.9', port: 5070, transport: 'udp', tls: null }]);
    assert.equal(options?.targetUri, 'sip:8613800000000@carrier.example:5070');
    assert.equal(options?.sipCallId, 'c-5000001-1-1@10.0.0.1');
    assert.equal(options?.from, '"1008" <sip:acme@carrier.example>');
    assert.deepEqual(options?.credentials, { username: 'acme', password: 'secret' });
    assert.match(options?.offer ?? '', /m=audio 20004 RTP\/AVP 8 0 101\r\n/);
    assert.deepEqual(
      parts.timers.map((timer) => timer.delayMs),
      [20_000],
    );
  });

  it('tells the far side to send audio to the address of its family', async () => {
    const parts = setup({ rtpHosts: ['2001:db8::8', '198.51.100.8'] });
    await dialed(parts);
    assert.match(parts.invites[0]?.options.offer ?? '', /\r\nc=IN IP4 198\.51\.100\.8\r\n/);
  });

  it('gives every call a session id of its own', async () => {
    const parts = setup();
    await dialed(parts);
    await dialed(parts);
    const ids = parts.invites.map(({ options }) => /o=- (\d+) 1 /.exec(options.offer ?? '')?.[1]);
    assert.equal(new Set(ids).size, 2);
  });

  it('connects media as answered, plays, hears digits from both sources, reports figures', async () => {
    const parts = setup();
    const { leg, sip, events, types } = await dialed(parts);
    leg.play('too early', 1);
    sip({ type: 'answered', status: 200, sdp: answerSdp() });
    assert.partialDeepStrictEqual(parts.connects, [
      {
        address: '10.9.9.9',
        port: 4000,
        codec: 'PCMA',
        payloadType: 8,
        eventPayloadType: 96,
        ownEventPayloadType: 101,
        ptimeMs: 20,
        canSend: true,
        signallingHosts: ['10.9.9.9'],
      },
    ]);
    leg.play('p', 2);
    leg.stopPlay();
    parts.mediaObservers[0]?.({ type: 'digit', digit: '1', durationMs: 100, source: 'in-band' });
    for (const digit of ['1', '2']) sip({ type: 'info-digit', digit });
    leg.hangUp();
    sip({ type: 'ended', end: { cause: 'local-bye', status: 200, reason: 'OK', ...nothingSaid, isCancelled: false } });
    await turn();
    leg.play('too late', 1);
    assert.deepEqual(parts.log, ['play p x2', 'stop play', 'sip hang up']);
    assert.deepEqual(types(), ['answered', 'digit', 'digit', 'ended']);
    assert.deepEqual(events[2], { type: 'digit', digit: '2', source: 'sip-info' });
    assert.partialDeepStrictEqual(events[3], { end: { media: { packetsSent: 1, packetsReceived: 2 } } });
    assert.equal(parts.timers[0]?.isCancelled, true);
  });

  it('lets an observer call back into the leg and keeps the order', async () => {
    const parts = setup();
    const types: string[] = [];
    const leg = parts.engine.dial(request, (event) => {
      if (event.type === 'ringing') leg.hangUp();
      types.push(event.type);
    });
    await turn();
    parts.invites[0]?.observer({ type: 'provisional', status: 180, reason: 'Ringing', sdp: null });
    assert.deepEqual([types, parts.log], [['ringing'], ['sip hang up']]);
  });

  it('cancels when the ring timer fires', async () => {
    const parts = setup();
    const { sip, end } = await dialed(parts);
    sip({ type: 'provisional', status: 180, reason: 'Ringing', sdp: null });
    parts.timers[0]?.callback();
    assert.deepEqual(parts.log, ['sip hang up']);
    sip({
      type: 'ended',
      end: { cause: 'rejected', status: 487, reason: 'Request Terminated', ...nothingSaid, isCancelled: true },
    });
    await turn();
    assert.equal(end()?.cause, 'ring-timeout');
  });

  it('hangs up on an answer without usable media', async () => {
    for (const sdp of [null, answerSdp().replace('audio 4000', 'audio 0')]) {
      const parts = setup();
      const { sip, end, types } = await dialed(parts);
      sip({ type: 'answered', status: 200, sdp });
      sip({
        type: 'ended',
        end: { cause: 'local-bye', status: 200, reason: 'OK', ...nothingSaid, isCancelled: false },
      });
      await turn();
      assert.deepEqual([types(), end()?.cause, parts.log], [['ended'], 'media-failed', ['sip hang up']]);
      assert.deepEqual(parts.connects, []);
    }
  });

  it('never connects audio in clear on a trunk with encryption, and says why', async () => {
    const parts = setup();
    const { sip, end } = await dialed(parts, { trunk: { ...request.trunk, mediaEncryption: 'sdes' } });
    assert.match(parts.invites[0]?.options.offer ?? '', /m=audio 20004 RTP\/SAVP 8 0 101\r\na=crypto:1 /);
    sip({ type: 'answered', status: 200, sdp: answerSdp() });
    sip({ type: 'ended', end: { cause: 'local-bye', status: 200, reason: 'OK', ...nothingSaid, isCancelled: false } });
    await turn();
    assert.partialDeepStrictEqual(end(), {
      cause: 'media-failed',
      reason: 'audio in clear (RTP/AVP) where encryption is required',
    });
    assert.deepEqual([parts.connects, parts.log], [[], ['sip hang up']]);
  });

  it('answers a late offer, with the numbers of that offer', async () => {
    const parts = setup();
    const { sip, types } = await dialed(parts, { trunk: { ...request.trunk, offer: 'late' } });
    assert.equal(parts.invites[0]?.options.offer, null);
    const offer = answerSdp().replaceAll('96', '110');
    const answers: (string | null)[] = [];
    sip({ type: 'offer', sdp: offer, answer: (answer) => answers.push(answer) });
    assert.deepEqual([types(), parts.connects], [[], []]);
    sip({ type: 'answered', status: 200, sdp: offer });
    assert.match(answers[0] ?? '', /o=- \d+ 1 [\s\S]*a=rtpmap:110 telephone-event/);
    assert.deepEqual(
      parts.connects.map(({ ownEventPayloadType, eventPayloadType }) => [ownEventPayloadType, eventPayloadType]),
      [[110, 110]],
    );
    assert.deepEqual(types(), ['answered']);
  });

  it('takes none of a late offer that it cannot use, and ends without media', async () => {
    const parts = setup();
    const { sip, end } = await dialed(parts, { trunk: { ...request.trunk, offer: 'late' } });
    const offer = answerSdp().replace('RTP/AVP 8', 'RTP/AVP 18');
    const answers: (string | null)[] = [];
    sip({ type: 'offer', sdp: offer, answer: (answer) => answers.push(answer) });
    sip({ type: 'answered', status: 200, sdp: offer });
    sip({ type: 'ended', end: { cause: 'local-bye', status: 200, reason: 'OK', ...nothingSaid, isCancelled: false } });
    await turn();
    assert.deepEqual([answers, parts.log, end()?.cause], [[null], ['sip hang up'], 'media-failed']);
  });

  it('goes where the far side moves to when its description is asked for again', async () => {
    const parts = setup();
    const { sip } = await dialed(parts);
    sip({ type: 'answered', status: 200, sdp: answerSdp() });
    sip({ type: 'reanswer', sdp: answerSdp().replace('4000', '4010') });
    sip({ type: 'reanswer', sdp: answerSdp().replace('4000', '0') });
    assert.deepEqual(
      parts.connects.map(({ port }) => port),
      [4000, 4010],
    );
  });

  it('ends as no response when the far side is no longer there', async () => {
    const parts = setup();
    const { sip, end } = await dialed(parts);
    sip({ type: 'answered', status: 200, sdp: answerSdp() });
    const gone = {
      cause: 'lost',
      status: 200,
      reason: 'no session refresh',
      ...nothingSaid,
      isCancelled: false,
    } as const;
    sip({ type: 'ended', end: gone });
    await turn();
    assert.partialDeepStrictEqual(end(), { cause: 'no-response', reason: 'no session refresh', isAnswered: true });
  });

  it('stops sending on hold, goes on at another address, refuses what it cannot do', async () => {
    const parts = setup();
    const { sip } = await dialed(parts);
    sip({ type: 'answered', status: 200, sdp: answerSdp() });
    const answers: (string | null)[] = [];
    const reoffer = (sdp: string) => sip({ type: 'offer', sdp, answer: (answer) => answers.push(answer) });
    reoffer(answerSdp(['a=sendonly']));
    reoffer(answerSdp().replace('c=IN IP4 10.9.9.9', 'c=IN IP4 10.9.9.8').replace('4000', '4010'));
    reoffer(answerSdp().replace('RTP/AVP 8', 'RTP/AVP 18'));
    assert.match(answers[0] ?? '', /o=- \d+ 2 [\s\S]*a=recvonly/);
    assert.match(answers[1] ?? '', /o=- \d+ 3 [\s\S]*a=sendrecv/);
    assert.equal(answers[2], null);
    assert.deepEqual(
      parts.connects.map(({ address, port, canSend }) => [address, port, canSend]),
      [
        ['10.9.9.9', 4000, true],
        ['10.9.9.9', 4000, false],
        ['10.9.9.8', 4010, true],
      ],
    );
  });

  it('ends as a transport error when the host is unknown, as internal when there is no media port', async () => {
    const unknown = setup();
    const first = await dialed(unknown, { trunk: { ...request.trunk, host: 'nowhere.example' } });
    assert.partialDeepStrictEqual(first.end(), {
      cause: 'transport-error',
      reason: 'cannot resolve nowhere.example: it has no address that we can send to',
    });
    const full = await dialed(setup({ mediaProblem: 'port range exhausted' }));
    assert.partialDeepStrictEqual(full.end(), { cause: 'internal-error', reason: 'port range exhausted' });
    const end = full.end();
    assert.ok(end !== undefined && end !== null);
    assert.partialDeepStrictEqual(outcomeOf(end), {
      class: 'platform',
      callStatus: 60,
      terminationCode: '1006',
      terminationReason: 'port range exhausted',
      mayTryNextTrunk: false,
    });
    assert.deepEqual(unknown.invites, []);
  });

  it('probes a trunk by its resolved address', async () => {
    const parts = setup();
    const signal = new AbortController().signal;
    assert.equal(await parts.engine.probe(request.trunk, signal), 200);
    assert.equal(await parts.engine.probe({ ...request.trunk, host: 'nowhere.example' }, signal), null);
    assert.deepEqual(parts.log, ['options 10.9.9.9 sip:carrier.example:5070']);
  });

  it('tells the address of a trunk that it calls or probes, named or given as an address', async () => {
    const parts = setup();
    await parts.engine.probe(request.trunk, new AbortController().signal);
    await dialed(parts);
    await parts.engine.probe({ ...request.trunk, host: '10.9.9.8' }, new AbortController().signal);
    await parts.engine.probe({ ...request.trunk, host: 'nowhere.example' }, new AbortController().signal);
    assert.deepEqual(parts.trunkAddresses, ['10.9.9.9', '10.9.9.8']);
  });

  it('tells the addresses of the trunks that it is told to expect, though nobody calls over them', async () => {
    const parts = setup();
    parts.engine.expectTrunks([request.trunk, { ...request.trunk, outboundProxy: 'sip:10.9.9.7;lr' }]);
    parts.engine.expectTrunks([{ ...request.trunk, host: 'nowhere.example' }]);
    await turn();
    assert.deepEqual(parts.trunkAddresses.sort(), ['10.9.9.7', '10.9.9.9']);
  });

  it('closes calls, endpoint and media in this order, once, and takes no calls after', async () => {
    const parts = setup();
    const open = await dialed(parts);
    open.sip({ type: 'answered', status: 200, sdp: answerSdp() });
    const opening: LegEvent[] = [];
    parts.engine.dial(request, (event) => opening.push(event));
    await Promise.all([parts.engine.close(), parts.engine.close()]);
    assert.deepEqual(parts.log, ['sip hang up', 'endpoint closed', 'media closed']);
    assert.partialDeepStrictEqual(open.end(), { cause: 'engine-closed', isAnswered: true });
    const late = await dialed(parts);
    for (const events of [opening, late.events]) {
      assert.partialDeepStrictEqual(events, [{ type: 'ended', end: { cause: 'engine-closed' } }]);
    }
    assert.equal(parts.invites.length, 1);
  });
});
