import type { DigitWay } from '../../call/dtmf-mode.ts';
import type { LegMediaStats } from '../../call/leg-media-stats.ts';
import type { CallTrace, TraceNoteKind } from '../../call/trace.ts';
import { assertNever } from '../../lib/errors.ts';
import type { MachineFinding } from '../../telephony/machine/machine-finding.ts';
import type { MediaEvent, MediaStats, RemoteMedia } from '../../telephony/rtp/media-types.ts';
import type { Hop, MessageTap } from '../../telephony/sip/endpoint-types.ts';

/** Leads what a leg says on the wire into its call's trace. */
export function tapOf(trace: CallTrace): MessageTap {
  return {
    message: (message) => trace.message(message),
    ignored: (reason) => trace.note('ignored', reason),
    movedOn: (from) => trace.note('hop', `${hopText(from)} failed, the next one is asked`),
  };
}

/** What a trace says of where a request may go. */
export function hopsOf(hops: readonly Hop[]): string {
  return hops.map(hopText).join(', then ');
}

function hopText({ transport, address, port }: Hop): string {
  return `${transport} ${address} port ${port}`;
}

/** What a trace says of the media that was agreed on. */
export function connectionOf(remote: RemoteMedia): string {
  const protection = remote.srtp === undefined ? '' : ', SRTP';
  const hold = remote.canSend ? '' : ', on hold';
  const tones = remote.hearsTones === true ? ', tones are listened for' : '';
  return `${remote.codec} with ${remote.address} port ${remote.port}${protection}${hold}${tones}`;
}

/** What a trace says of an event of the media session. */
export function noteOf(event: MediaEvent): [kind: TraceNoteKind, text: string] {
  switch (event.type) {
    case 'first-packet':
      return ['media', 'the first packet came'];
    case 'play-ended':
      return ['media', `prompt ${event.promptKey} ${event.isComplete ? 'was played' : 'was broken off'}`];
    case 'digit':
      // Which key stays out of the trace: it may be one of a PIN.
      return ['digit', `a key ${event.source === 'in-band' ? 'by its tones' : 'by RFC 4733'}, ${event.durationMs} ms`];
    case 'machine':
      return ['media', findingOf(event.finding)];
    case 'elsewhere':
      return ['media', `latched to ${event.actual}, announced was ${event.announced}`];
    case 'failed':
      return ['media', `failed: ${event.reason}`];
    default:
      return assertNever(event);
  }
}

/** What a trace says of keys of ours. */
export function sentKeysOf(count: number, way: DigitWay | null): string {
  const keys = count === 1 ? 'a key' : `${count} keys`;
  switch (way) {
    case 'event':
      return `sends ${keys} by RFC 4733`;
    case 'info':
      return `sends ${keys} by SIP INFO`;
    case 'tones':
      return `sends ${keys} as tones`;
    case null:
      return `cannot send ${keys}: no way was agreed on`;
  }
}

function findingOf(finding: MachineFinding): string {
  switch (finding.type) {
    case 'early-tone':
      return `heard before the answer: ${finding.tone}`;
    case 'answerer':
      return `${finding.result} answered, by ${finding.evidence.rule}, ${finding.decidedAfterMs} ms after the answer`;
    case 'records':
      return `the machine records, after its ${finding.after}`;
    default:
      return assertNever(finding);
  }
}

/** What a trace says of a session's media at its end; `media`: the same, as the record has it, null: nothing was agreed on. */
export function figuresOf({ packetsRefused }: MediaStats, media: LegMediaStats | null): string {
  const nothing = 'closed, no packet was sent or received';
  if (media === null) return nothing;
  const { packetsSent, packetsReceived, packetsLost, jitterMs, mos, roundTripMs, farSide } = media;
  if (packetsSent + packetsReceived + packetsRefused === 0) return nothing;
  const refused = packetsRefused === 0 ? '' : `, ${packetsRefused} refused`;
  const ours = `closed: ${packetsSent} packets sent, ${packetsReceived} received, ${packetsLost} lost${refused}`;
  const parts = [`${ours}, jitter ${jitterMs.toFixed(1)} ms`];
  if (mos !== null) parts.push(`MOS ${mos.toFixed(2)} (estimated)`);
  if (farSide !== null) {
    const { lossPercent, jitterMs: farJitterMs, mos: farMos } = farSide;
    const figures = `${lossPercent.toFixed(1)} % lost, jitter ${farJitterMs.toFixed(1)} ms, MOS ${farMos.toFixed(2)}`;
    parts.push(`the far side reported of ours: ${figures} (estimated)`);
  }
  if (roundTripMs !== null) parts.push(`round trip ${roundTripMs.toFixed(1)} ms`);
  return parts.join('; ');
}
