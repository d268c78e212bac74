import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { systemClock } from '../../src/lib/clock.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createSipEndpoint } from '../../src/telephony/sip/create-sip-endpoint.ts';
import type {
  Credentials,
  IncomingCallEvent,
  MeasuredSipEndpoint,
  OutgoingCall,
  OutgoingCallEvent,
} from '../../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../../src/telephony/sip/transport/hop.ts';
import { type Sipp, type SippResult, startSippServer } from '../support/sipp.ts';

const timeoutMs = 45_000;
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  while (cleanUps.length > 0) await cleanUps.pop()?.();
});

async function openEndpoint(): Promise<MeasuredSipEndpoint> {
  const endpoint = await createSipEndpoint({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon interop',
  });
  cleanUps.push(() => endpoint.close(0));
  return endpoint;
}

async function startSipp(scenario: string, calls: number, extraArgs: string[] = []): Promise<Sipp> {
  const path = join(import.meta.dirname, 'scenarios', `${scenario}.xml`);
  const sipp = await startSippServer({ scenario: path, calls, extraArgs: ['-timeout', '40', ...extraArgs] });
  cleanUps.push(() => sipp.stop());
  return sipp;
}

type Run = {
  readonly scenario: string;
  readonly calls?: number;
  readonly extraArgs?: string[];
  readonly credentials?: Credentials;
  /** Told each event, to act on it. */
  readonly react?: (event: OutgoingCallEvent, call: OutgoingCall) => void;
};

/** Makes the calls, waits for SIPp and for the end of each; the types and the end of each call. */
async function runCalls({ scenario, calls = 1, extraArgs = [], credentials, react }: Run) {
  const [endpoint, sipp] = await Promise.all([openEndpoint(), startSipp(scenario, calls, extraArgs)]);
  const made = Array.from({ length: calls }, (_, index) => {
    const events: OutgoingCallEvent[] = [];
    const { promise, resolve } = Promise.withResolvers<OutgoingCallEvent[]>();
    const call = endpoint.invite(
      {
        hops: [udpHop({ address: '127.0.0.1', port: sipp.port })],
        targetUri: `sip:86138000000${index}@127.0.0.1:${sipp.port}`,
        from: '<sip:1008@127.0.0.1>',
        sipCallId: `${index}-${systemRandom().hex(6)}@127.0.0.1`,
        offer: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n',
        credentials: credentials ?? null,
      },
      (event) => {
        events.push(event);
        if (event.type === 'ended') resolve(events);
        else setImmediate(() => react?.(event, call));
      },
    );
    return promise;
  });
  const [events, result] = await Promise.all([Promise.all(made), sipp.finished(timeoutMs)]);
  return { events, result, figures: endpoint.figures() };
}

function assertCarried(result: SippResult, calls: number): void {
  assert.equal(result.exitCode, 0, result.errors);
  assert.deepEqual(
    { successful: result.successful, failed: result.failed },
    { successful: calls, failed: 0 },
    result.errors,
  );
}

function summary(events: readonly OutgoingCallEvent[] | undefined): string {
  const words = (events ?? []).map((event) => {
    if (event.type === 'provisional') return String(event.status);
    if (event.type !== 'ended') return event.type;
    return `${event.end.cause} ${event.end.status}${event.end.isCancelled ? ' cancelled' : ''}`;
  });
  return words.join(', ');
}

const hangUpOn =
  (type: OutgoingCallEvent['type']) =>
  (event: OutgoingCallEvent, call: OutgoingCall): void => {
    if (event.type === type) call.hangUp();
  };

const alice: Credentials = { username: 'alice', password: 'wonder land' };

test('an answered call that we hang up', async () => {
  const { events, result, figures } = await runCalls({
    scenario: 'uas-answer-expect-bye',
    calls: 10,
    react: hangUpOn('answered'),
  });
  assertCarried(result, 10);
  for (const call of events) assert.equal(summary(call), 'trying, 180, answered, local-bye 200');
  assert.equal(figures.requestsRetransmitted, 0);
});

test('a busy callee', async () => {
  const { events, result } = await runCalls({ scenario: 'uas-busy-expect-ack' });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'trying, rejected 486');
});

test('no answer: our CANCEL', async () => {
  const { events, result } = await runCalls({ scenario: 'uas-ring-expect-cancel', react: hangUpOn('provisional') });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'trying, 180, rejected 487 cancelled');
});

test('a 200 that crosses our CANCEL is ACKed and BYEd', async () => {
  const scenario = 'uas-answer-across-cancel-expect-bye';
  const { events, result } = await runCalls({ scenario, react: hangUpOn('provisional') });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), '180, local-bye 200 cancelled');
});

test('the far end hangs up', async () => {
  const { events, result } = await runCalls({ scenario: 'uas-answer-send-bye' });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'answered, remote-bye 200');
});

for (const scenario of ['uas-challenge-401-expect-authorization', 'uas-challenge-407-expect-proxy-authorization']) {
  test(`credentials: ${scenario}`, async () => {
    const { events, result } = await runCalls({ scenario, credentials: alice, react: hangUpOn('answered') });
    assertCarried(result, 1);
    assert.equal(summary(events[0]), 'answered, local-bye 200');
  });
}

test('SIPp tells wrong credentials from right ones', async () => {
  const credentials = { username: 'alice', password: 'wrong' };
  const { events, result } = await runCalls({ scenario: 'uas-challenge-401-expect-authorization', credentials });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'rejected 403');
});

test('credentials that are refused end the call', async () => {
  const { events, result } = await runCalls({ scenario: 'uas-challenge-twice-expect-ack', credentials: alice });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'rejected 401');
});

test('the 200 of a second fork is no event: it is ACKed and BYEd', async () => {
  const react = (event: OutgoingCallEvent, call: OutgoingCall): void => {
    if (event.type === 'answered') systemClock.setTimer(() => call.hangUp(), 400);
  };
  const { events, result } = await runCalls({ scenario: 'uas-answer-fork-expect-bye', react });
  assertCarried(result, 1);
  assert.equal(summary(events[0]), 'answered, local-bye 200');
});

test('every tenth packet lost', async () => {
  const calls = 20;
  const { events, result, figures } = await runCalls({
    scenario: 'uas-answer-lossy-expect-bye',
    calls,
    extraArgs: ['-lost', '10'],
    react: hangUpOn('answered'),
  });
  assertCarried(result, calls);
  assert.deepEqual(
    events.map((call) => summary(call).replace(/^(?:180, )+/, '')),
    Array.from({ length: calls }, () => 'answered, local-bye 200'),
  );
  assert.equal(figures.activeCalls, 0);
});

test('a call that SIPp makes', async () => {
  const endpoint = await openEndpoint();
  const events: IncomingCallEvent[] = [];
  endpoint.onInvite((call) => {
    call.observe((event) => events.push(event));
    call.provisional(180, 'Ringing');
    call.answer('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n');
  });
  const sipp = await startSipp('uac-call-expect-answer', 1, [`127.0.0.1:${endpoint.local.port}`]);
  assertCarried(await sipp.finished(timeoutMs), 1);
  assert.deepEqual(events, [
    { type: 'acknowledged', sdp: null },
    { type: 'ended', cause: 'remote-bye' },
  ]);
});
