import type { CallTraceRecord } from '../../domain/trace/call-trace-record.ts';
import { summarize } from '../../domain/trace/message-summary.ts';
import type { TraceAnswer, TraceEventAnswer } from './call-schema.ts';

/** A trace as JSON: events in order, text as UTF-8. */
export function traceAnswer(trace: CallTraceRecord): TraceAnswer {
  const { taskId, seq, processId, startedAt, droppedEvents, events } = trace;
  return {
    taskId,
    seq,
    processId,
    startedAt: startedAt.toISOString(),
    droppedEvents,
    events: events.map((event) => eventAnswer(event, startedAt.getTime())),
  };
}

function eventAnswer(event: CallTraceRecord['events'][number], startedAtMs: number): TraceEventAnswer {
  const times = { at: isoMicroseconds(startedAtMs, event.atUs), atUs: event.atUs };
  if (event.type === 'note') return { type: 'note', ...times, kind: event.kind, text: event.text };
  const { type, direction, transport, local, remote, isAgain } = event;
  const text = Buffer.from(event.text, 'latin1').toString('utf8');
  const summary = summarize(event.text).title;
  return { type, ...times, direction, transport, local, remote, isAgain, summary, text };
}

/** Dates know milliseconds only. */
function isoMicroseconds(startMs: number, offsetUs: number): string {
  const us = BigInt(startMs) * 1000n + BigInt(offsetUs);
  const date = new Date(Number(us / 1000n)).toISOString();
  return date.replace('Z', `${String(us % 1000n).padStart(3, '0')}Z`);
}
