import type { CallEngine, DialRequest, TrunkTarget } from '../../src/call/engine.ts';
import { type Asterisk, startAsterisk } from './asterisk.ts';
import { type LoopbackEngine, type LoopbackEngineOptions, openLoopbackEngine } from './loopback-engine.ts';
import { ObservedLeg } from './observed-leg.ts';
import { trunkTarget } from './trunk-target.ts';

/** Asterisk as the carrier of an engine of ours. */
export interface AsteriskCarrier {
  readonly asterisk: Asterisk;
  readonly engine: CallEngine;
  /** The SIP port of the engine. */
  readonly ownPort: number;
  readonly ownRtpPorts: LoopbackEngine['rtpPorts'];
  /** Calls a number over Asterisk, by UDP unless `trunk` says otherwise. */
  dial(
    number: string,
    trunk?: Partial<TrunkTarget>,
    request?: Partial<Pick<DialRequest, 'ringTimeoutMs' | 'trace' | 'detectsMachine'>>,
  ): ObservedLeg;
  /** Plays the prompt `tones` in an answered call, and hangs up after it. */
  playAndHangUp(call: ObservedLeg): Promise<void>;
  close(): Promise<void>;
}

/** What the prompt `tones` plays. */
export const carrierTones = [500, 900, 1500];

/** What every endpoint of an Asterisk on loopback needs; `settings` come after and win. */
export function endpointSection(name: string, settings: Readonly<Record<string, string>> = {}): string {
  const all = {
    context: 'carrier',
    disallow: 'all',
    allow: 'alaw,ulaw',
    media_address: '127.0.0.1',
    bind_rtp_to_media_address: 'yes',
    direct_media: 'no',
    ...settings,
  };
  return section(name, 'endpoint', all);
}

/** A section of pjsip.conf. */
export function section(name: string, type: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\ntype = ${type}\n${lines.join('')}\n`;
}

/** Starts both, the engine with `options`. */
export async function startAsteriskCarrier(
  pjsip: string,
  dialplan: string,
  options: LoopbackEngineOptions = {},
): Promise<AsteriskCarrier> {
  const { engine, endpoint, rtpPorts } = await openLoopbackEngine({ tones: carrierTones }, options);
  const asterisk = await startAsterisk({ pjsip, dialplan }).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  let calls = 0;
  return {
    asterisk,
    engine,
    ownPort: endpoint.local.port,
    ownRtpPorts: rtpPorts,
    dial(number, trunk = {}, request = {}) {
      calls += 1;
      const target = trunkTarget({ port: asterisk.sipPort, ...trunk });
      const sipCallId = `carrier-${calls}`;
      return new ObservedLeg(engine, {
        ...{ sipCallId, trunk: target, number, displayNum: '1008', ringTimeoutMs: 20_000 },
        ...request,
      });
    },
    async playAndHangUp(call) {
      await call.until('answered');
      call.leg.play('tones', 1);
      await call.until('play-ended');
      call.leg.hangUp();
      await call.end();
    },
    async close() {
      await engine.close();
      await asterisk.stop();
    },
  };
}
