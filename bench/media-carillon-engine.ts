import { setTimeout as delay } from 'node:timers/promises';
import type { CallEngine, CodecName, Leg } from '../src/call/engine.ts';
import { createEmbeddedEngine } from '../src/engine/embedded/embedded-engine.ts';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { systemRandom } from '../src/lib/random.ts';
import { createMediaService } from '../src/telephony/rtp/media-service.ts';
import type { MediaService } from '../src/telephony/rtp/media-types.ts';
import { createSipEndpoint } from '../src/telephony/sip/create-sip-endpoint.ts';
import { trunkTarget } from '../test/support/trunk-target.ts';
import { benchPrompt } from './media-codec.ts';
import type { MediaLoad, OwnMediaFigures } from './media-contender.ts';

/** What the bench tells our engine, which runs in a process of its own, and what it answers. */
export type ToEngine =
  | { readonly type: 'open'; readonly firstPort: number; readonly lastPort: number; readonly codec: CodecName }
  | { readonly type: 'call'; readonly load: MediaLoad }
  | { readonly type: 'figures' }
  | { readonly type: 'hang-up' };
export type FromEngine =
  | { readonly type: 'opened' }
  | { readonly type: 'answered' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'figures'; readonly figures: OwnMediaFigures }
  | { readonly type: 'hung-up' };

const host = '127.0.0.1';
const unending = 1_000_000;
/** As an upload of any rate above 8 kHz is stored. */
const promptRate = 16_000;

/** The engine with its real SIP and one media thread, as the dialer has it, and calls that play for ever. */
class EngineUnderLoad {
  readonly #engine: CallEngine;
  readonly #media: MediaService;
  readonly #codec: CodecName;
  readonly #legs = new Set<Leg>();
  #whenEmpty: (() => void) | null = null;
  #skippedMs = 0;
  #calls = 0;

  private constructor(engine: CallEngine, media: MediaService, codec: CodecName) {
    this.#engine = engine;
    this.#media = media;
    this.#codec = codec;
  }

  static async open(first: number, last: number, codec: CodecName): Promise<EngineUnderLoad> {
    const shared = { clock: systemClock, random: systemRandom(), logger: silentLogger() };
    const endpoint = await createSipEndpoint({ ...shared, host, port: 0, userAgent: 'Carillon bench' });
    const media = await createMediaService({ ...shared, hosts: [host], portRange: { first, last }, threads: 1 });
    const engine = createEmbeddedEngine({ ...shared, endpoint, media, rtpHosts: [host] });
    await engine.loadPrompt({ promptKey: 'prompt', pcm: benchPrompt(promptRate), sampleRate: promptRate });
    return new EngineUnderLoad(engine, media, codec);
  }

  /** Resolves when all are answered; rejects at the first that is not. */
  async call({ calls, callsPerS, sipPorts }: MediaLoad): Promise<void> {
    const answers: Promise<void>[] = [];
    const startMs = performance.now();
    while (answers.length < calls) {
      const due = Math.min(calls, Math.ceil(((performance.now() - startMs) / 1000) * callsPerS));
      while (answers.length < due) answers.push(this.#dial(sipPorts[answers.length % sipPorts.length] ?? 0));
      await delay(5);
    }
    await Promise.all(answers);
  }

  async figures(): Promise<OwnMediaFigures> {
    const [thread] = await this.#media.figures({ resetLateness: true });
    if (thread === undefined) throw new Error('the media thread died');
    const skippedMs = thread.skippedMs - this.#skippedMs;
    this.#skippedMs = thread.skippedMs;
    return {
      latenessP50Ms: thread.sendLatenessP50Ms,
      latenessP99Ms: thread.sendLatenessP99Ms,
      latenessMaxMs: thread.sendLatenessMaxMs,
      skippedMs,
    };
  }

  async hangUp(): Promise<void> {
    if (this.#legs.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const leg of this.#legs) leg.hangUp();
    await empty;
  }

  #dial(port: number): Promise<void> {
    this.#calls += 1;
    const sipCallId = `bench-${process.pid}-${this.#calls}`;
    const trunk = trunkTarget({ host, port, codecs: [this.#codec] });
    return new Promise((resolve, reject) => {
      const request = { sipCallId, trunk, number: '8613800000000', displayNum: '1008', ringTimeoutMs: 20_000 };
      const leg = this.#engine.dial(request, (event) => {
        if (event.type === 'answered') {
          leg.play('prompt', unending);
          resolve();
        }
        if (event.type !== 'ended') return;
        this.#legs.delete(leg);
        reject(new Error(`a call ended: ${event.end.cause}`));
        if (this.#legs.size === 0) this.#whenEmpty?.();
      });
      this.#legs.add(leg);
    });
  }
}

if (process.send !== undefined) {
  let engine: EngineUnderLoad | null = null;
  const opened = (): EngineUnderLoad => {
    if (engine === null) throw new Error('not opened');
    return engine;
  };
  const answer = async (message: ToEngine): Promise<FromEngine> => {
    switch (message.type) {
      case 'open':
        engine = await EngineUnderLoad.open(message.firstPort, message.lastPort, message.codec);
        return { type: 'opened' };
      case 'call':
        await opened().call(message.load);
        return { type: 'answered' };
      case 'figures':
        return { type: 'figures', figures: await opened().figures() };
      case 'hang-up':
        await opened().hangUp();
        return { type: 'hung-up' };
    }
  };
  process.on('message', (message: ToEngine) => {
    answer(message).then(
      (reply) => process.send?.(reply),
      (error: unknown) => process.send?.({ type: 'failed', reason: String(error) } satisfies FromEngine),
    );
  });
  process.once('disconnect', () => process.exit(0));
}
