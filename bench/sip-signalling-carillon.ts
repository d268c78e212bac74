import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createSipEndpoint } from '../src/telephony/sip/create-sip-endpoint.ts';
import type {
  InviteOptions,
  MeasuredSipEndpoint,
  MessageTap,
  OutgoingCall,
  SipEndpoint,
} from '../src/telephony/sip/endpoint-types.ts';
import { udpHop } from '../src/telephony/sip/transport/hop.ts';
import { startUas, stopSipp } from './sip-signalling-uas.ts';

/** What became of one rate. */
export type SignallingStep = {
  readonly rate: number;
  readonly calls: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Calls begun per second, as it came out. */
  readonly reached: number;
  readonly cpuPerCallUs: number;
  readonly isClean: boolean;
};

const offer =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\n' +
  'a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n';

/** Whether a step counts: every call carried, at most 0.5 % of the requests (INVITE and BYE) sent again, the rate kept. */
export function isClean(step: Omit<SignallingStep, 'isClean'>): boolean {
  return step.failed === 0 && step.retransmissions <= step.calls * 2 * 0.005 && step.reached >= step.rate * 0.97;
}

/** The endpoint that is measured, on loopback. */
export function openBenchEndpoint(): Promise<MeasuredSipEndpoint> {
  return createSipEndpoint({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger(),
    userAgent: 'Carillon bench',
  });
}

/** Makes calls at a rate and hangs each up when it is answered; `tapOf` gives a call's tap, by its number from 1. */
export async function stepWithCarillon(
  rate: number,
  seconds: number,
  tapOf: TapOf = () => null,
): Promise<SignallingStep> {
  const uas = await startUas(seconds + 60);
  const endpoint = await openBenchEndpoint();
  try {
    const load = new CallLoad(endpoint, uas.port, { total: rate * seconds, tapOf });
    const startCpu = process.cpuUsage();
    const elapsedS = await load.start(rate);
    await load.settle();
    const cpu = process.cpuUsage(startCpu);
    const { requestsRetransmitted } = endpoint.figures();
    const step = {
      rate,
      calls: load.total,
      failed: load.total - load.succeeded,
      retransmissions: requestsRetransmitted,
      reached: Math.round(load.total / elapsedS),
      cpuPerCallUs: Math.round((cpu.user + cpu.system) / load.total),
    };
    return { ...step, isClean: isClean(step) };
  } finally {
    await endpoint.close(0);
    await stopSipp(uas);
  }
}

type TapOf = (call: number) => MessageTap | null;

/** Calls to SIPp's answering side, each hung up when it is answered. */
export class CallLoad {
  readonly total: number;
  succeeded = 0;
  readonly #endpoint: SipEndpoint;
  readonly #tapOf: TapOf;
  readonly #options: Omit<InviteOptions, 'sipCallId'>;
  readonly #prefix = systemRandom().hex(8);
  #started = 0;
  #ended = 0;

  constructor(endpoint: SipEndpoint, port: number, calls: { total: number; tapOf: TapOf }) {
    this.total = calls.total;
    this.#tapOf = calls.tapOf;
    this.#endpoint = endpoint;
    this.#options = {
      hops: [udpHop({ address: '127.0.0.1', port })],
      targetUri: `sip:8613800000000@127.0.0.1:${port}`,
      from: '<sip:1008@127.0.0.1>',
      offer,
      credentials: null,
    };
  }

  /** Starts all calls in step with the time; resolves to the seconds it took. */
  async start(rate: number): Promise<number> {
    const startMs = performance.now();
    while (this.#started < this.total) {
      const due = Math.min(this.total, Math.ceil(((performance.now() - startMs) / 1000) * rate));
      while (this.#started < due) this.#call();
      await delay(2);
    }
    return (performance.now() - startMs) / 1000;
  }

  /** Waits for the end of all calls, 20 s at most. */
  async settle(): Promise<void> {
    for (let tries = 0; tries < 1000 && this.#ended < this.total; tries++) await delay(20);
  }

  #call(): void {
    const sipCallId = `${this.#prefix}-${++this.#started}`;
    const tap = this.#tapOf(this.#started);
    const options = { ...this.#options, sipCallId, ...(tap !== null && { tap }) };
    const call: OutgoingCall = this.#endpoint.invite(options, (event) => {
      if (event.type === 'answered') call.hangUp();
      if (event.type !== 'ended') return;
      this.#ended++;
      if (event.end.cause === 'local-bye' && event.end.status === 200) this.succeeded++;
    });
  }
}
