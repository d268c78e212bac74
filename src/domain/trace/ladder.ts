import type { TraceAddress, TracedMessageEvent, TraceEvent } from '../../call/trace.ts';
import { summarize } from './message-summary.ts';

/** A trace laid out as a ladder: us, the far sides, and what went between them; for whoever draws it. */
export type Ladder = {
  /** Ours first, then each address that a message went to or came from, in order. */
  readonly parties: readonly LadderParty[];
  readonly rows: readonly LadderRow[];
  /** When the first INVITE left, in microseconds from the trace's start; 0 without one. Times of rows count from there. */
  readonly originUs: number;
};

export type LadderParty = { readonly name: string; readonly address: string };

export type LadderRow =
  | {
      readonly type: 'arrow';
      readonly atUs: number;
      /** Index of the far side in `parties`, from 1. */
      readonly party: number;
      readonly isSent: boolean;
      readonly title: string;
      readonly details: readonly string[];
    }
  | { readonly type: 'note'; readonly atUs: number; readonly text: string };

/** Lays a trace's events out. Pure; the events are in order. */
export function layLadder(events: readonly TraceEvent[]): Ladder {
  const messages = events.filter((event) => event.type === 'message');
  const first = messages.find((event) => event.direction === 'sent' && event.text.startsWith('INVITE '));
  const originUs = first?.atUs ?? 0;
  const remotes = [...new Set(messages.map(remoteOf))];
  const locals = [...new Set(messages.map((event) => textOf(event.local)))];
  const rows = events.map((event): LadderRow => {
    const atUs = event.atUs - originUs;
    if (event.type === 'note') return { type: 'note', atUs, text: `${event.kind}: ${event.text}` };
    const { title, details } = summarize(event.text);
    return {
      type: 'arrow',
      atUs,
      party: remotes.indexOf(remoteOf(event)) + 1,
      isSent: event.direction === 'sent',
      title: event.isAgain ? `${title} (again)` : title,
      // What was said before is not said twice.
      details: event.isAgain ? [] : details,
    };
  });
  const us = { name: 'Carillon', address: locals.join(', ') };
  return { parties: [us, ...remotes.map(partyOf)], rows, originUs };
}

/** The transport belongs to it: a far side over TCP after UDP is another hop. */
function remoteOf(event: TracedMessageEvent): string {
  return `${event.transport} ${textOf(event.remote)}`;
}

function partyOf(remote: string): LadderParty {
  const [transport = '', address = ''] = remote.split(' ');
  return { name: address, address: transport };
}

function textOf({ address, port }: TraceAddress): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
