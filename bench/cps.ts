import { parseArgs } from 'node:util';
import { measurePlatform } from './platform-cps.ts';
import type { BenchResult } from './result.ts';
import { run as measureSignalling } from './sip-signalling.ts';

/**
 * Calls/s carried clean: by the whole platform (from the HTTP request to the last record, with the embedded PostgreSQL and real RTP) as `value`, and by
 * the bare SIP endpoint as `signalling`; both against SIPp on loopback. With `--peer sipp`, SIPp's own caller is measured beside the endpoint, with
 * `--peer asterisk` both Asterisk's `Originate` and SIPp.
 * Options: `--rates` 200,400,… calls/s (rising, so that what must warm up has), `--seconds` 8 per rate.
 */
export async function run(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '200,400,600,800,1000,1200,1400,1600,1800,2000,2200' },
      seconds: { type: 'string', default: '8' },
      peer: { type: 'string' },
    },
    strict: false,
  });
  const steps = await measurePlatform(String(values.rates).split(',').map(Number), Number(values.seconds));
  const best = steps.findLast((step) => step.isCarried);
  const beyond = steps.find((step) => !step.isCarried);
  const signalling = await measureSignalling(values.peer === undefined ? [] : ['--peer', String(values.peer)]);
  const value = best?.carriedCps ?? 0;
  return {
    bench: 'cps',
    value,
    unit: 'calls/s',
    peer: signalling.peer,
    peerValue: signalling.peerValue,
    ratio: signalling.peerValue === null ? null : Number((value / signalling.peerValue).toFixed(3)),
    signalling: signalling.value,
    signallingRatio: signalling.ratio,
    signallingCpuPerCallUs: signalling.cpuPerCallUs,
    peerCpuPerCallUs: signalling.peerCpuPerCallUs,
    sippValue: signalling.sippValue,
    sippRatio: signalling.sippRatio,
    sippCpuPerCallUs: signalling.sippCpuPerCallUs,
    load: signalling.load,
    offeredCps: best?.offeredCps ?? 0,
    dialerCpuPerCallUs: best?.dialerCpuPerCallUs ?? null,
    postgresCpuPerCallUs: best?.postgresCpuPerCallUs ?? null,
    notCarriedCps: beyond?.offeredCps ?? null,
    notCarriedReached: beyond?.carriedCps ?? null,
  };
}
