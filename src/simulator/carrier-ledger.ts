import { createWriteStream, type WriteStream } from 'node:fs';
import type { ReactionKind } from './reaction.ts';

/** One line of the ledger. Times are ISO 8601. */
export type LedgerLine =
  /** An INVITE that began a call; `timesCalled` counts the calls to this number from 1. */
  | {
      readonly event: 'invite';
      readonly at: string;
      readonly callId: string;
      readonly number: string;
      readonly timesCalled: number;
      readonly reaction: ReactionKind;
    }
  /** How the call went, as seen from the callee's side. */
  | {
      readonly event: 'end';
      readonly at: string;
      readonly callId: string;
      readonly number: string;
      /** The status that the INVITE was answered with; 487 after a CANCEL. */
      readonly status: number;
      /** Audio packets heard; null: not answered. */
      readonly rtpPackets: number | null;
      /** Whether any of them held more than silence; null: not answered. */
      readonly heardSound: boolean | null;
      /** The key that was pressed; null: none. */
      readonly digit: string | null;
    };

export type LedgerSummary = {
  readonly invites: number;
  readonly numbers: number;
  /** Call-IDs seen in more than one INVITE that began a call: a caller that called twice without knowing. */
  readonly repeatedCallIds: readonly string[];
  readonly answered: number;
  readonly answeredWithSound: number;
  readonly rtpPackets: number;
  readonly open: number;
};

/** Who was called when, and what came of it: the evidence of the other side. */
export interface CarrierLedger {
  write(line: LedgerLine): void;
  /** How often a number was called so far. */
  timesCalled(number: string): number;
  summary(): LedgerSummary;
  /** Resolves when every line is in the file. */
  close(): Promise<void>;
}

/** `file`: where lines are appended, one JSON object each; null: kept in memory as a summary only. */
export function createCarrierLedger(file: string | null): CarrierLedger {
  const stream: WriteStream | null = file === null ? null : createWriteStream(file, { flags: 'a' });
  const calls = new Map<string, number>();
  const callIds = new Set<string>();
  const repeated: string[] = [];
  const totals = { invites: 0, ended: 0, answered: 0, answeredWithSound: 0, rtpPackets: 0 };

  function count(line: LedgerLine): void {
    if (line.event === 'invite') {
      totals.invites += 1;
      calls.set(line.number, (calls.get(line.number) ?? 0) + 1);
      if (callIds.has(line.callId)) repeated.push(line.callId);
      callIds.add(line.callId);
      return;
    }
    totals.ended += 1;
    if (line.rtpPackets !== null) {
      totals.answered += 1;
      totals.rtpPackets += line.rtpPackets;
    }
    if (line.heardSound === true) totals.answeredWithSound += 1;
  }

  return {
    write(line) {
      count(line);
      stream?.write(`${JSON.stringify(line)}\n`);
    },
    timesCalled: (number) => calls.get(number) ?? 0,
    summary: () => ({
      invites: totals.invites,
      numbers: calls.size,
      repeatedCallIds: [...repeated],
      answered: totals.answered,
      answeredWithSound: totals.answeredWithSound,
      rtpPackets: totals.rtpPackets,
      open: totals.invites - totals.ended,
    }),
    close: () =>
      new Promise((resolve) => {
        if (stream === null) resolve();
        else stream.end(() => resolve());
      }),
  };
}
