import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import type { LedgerLine } from '../../simulator/carrier-ledger.ts';
import type { Customer } from './demo-customer.ts';
import { createDialectClient } from './dialect-client.ts';
import { demoNumbers, GroupCall, isOver, type RunFacts } from './group-call.ts';
import { progressOf } from './progress.ts';
import { type Proof, proveRun } from './proof.ts';
import type { ReportReceiver } from './report-receiver.ts';
import type { Screen } from './screen.ts';
import { renderLine, renderProgress, renderTable } from './view.ts';

export type DemoRun = {
  readonly apiUrl: string;
  readonly customer: Customer;
  readonly callees: number;
  readonly ledgerFile: string;
  readonly receiver: ReportReceiver;
  readonly screen: Screen;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** Between two looks at the platform. */
const lookEveryMs = 400;
/** What the last calls' reports may take; they leave within a second. */
const lastReportsMs = 10_000;

/** Plays the customer: submits the group call, watches it to its end, shows what came of it. Resolves to whether everything holds that must. */
export async function playRun(run: DemoRun): Promise<boolean> {
  const { screen, clock } = run;
  const client = createDialectClient(`${run.apiUrl}/v3`, run.customer, () => clock.now());
  const numbers = demoNumbers(run.callees);
  const startedMs = clock.monotonic();
  const call = await GroupCall.submit(client, run.customer.appId, numbers);
  screen.print(`  ${tick(screen)} uploaded a prompt, submitted task ${call.taskId} with recall flow ${call.flowId}`);
  const facts = await watch(run, call, startedMs);
  const ledger = await readLedger(run.ledgerFile);
  const { reports } = run.receiver;
  const proofs = proveRun({ numbers, rounds: facts.rounds, flow: facts.flow, ledger, reports });
  showResult(run, facts, proofs);
  return proofs.every((proof) => proof.holds);
}

/** Generous: a run that takes longer does not end any more. */
function deadlineMs(callees: number): number {
  return 180_000 + callees * 100;
}

async function watch(run: DemoRun, call: GroupCall, startedMs: number): Promise<RunFacts> {
  const { screen, clock, signal, callees, receiver } = run;
  let overMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const facts = await call.look();
    const elapsedMs = clock.monotonic() - startedMs;
    const progress = progressOf(callees, facts.rounds, facts.flow, receiver.reports.length);
    screen.show(renderProgress(progress, elapsedMs, screen), renderLine(progress, elapsedMs));
    if (isOver(facts)) overMs = Math.min(overMs, elapsedMs);
    const calls = facts.rounds.reduce((sum, round) => sum + round.calls.length, 0);
    const isReported = receiver.reports.length >= calls || elapsedMs - overMs > lastReportsMs;
    if ((isOver(facts) && isReported) || elapsedMs > deadlineMs(callees)) {
      screen.settle(renderLine(progress, elapsedMs));
      return facts;
    }
    await delay(lookEveryMs, undefined, { signal });
  }
}

function showResult(run: DemoRun, facts: RunFacts, proofs: readonly Proof[]): void {
  const { screen, receiver } = run;
  const { paint } = screen;
  const progress = progressOf(run.callees, facts.rounds, facts.flow, receiver.reports.length);
  screen.print(
    '',
    `  ${paint('bold', 'POST /v3/voice/recallFlow/queryDetail')} answers`,
    `  ${paint('dim', '(fields that are null are left out here, and so is records, the same list as nodeList)')}`,
    ...JSON.stringify(withoutCopies(facts.flowAnswer), null, 2)
      .split('\n')
      .map((line) => `  ${paint('dim', line)}`),
    '',
    ...renderTable(progress, screen),
    '',
    ...proofs.flatMap((proof) => [
      `  ${proof.holds ? paint('green', 'holds') : paint('red', 'FAILS')}  ${proof.text}`,
      `         ${paint('dim', proof.figures)}`,
    ]),
    '',
  );
}

/** Without the fields that are null and the second copy of the list: they are there, but not worth a screen. */
function withoutCopies(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const { records: _, ...rest } = answer as Record<string, unknown>;
  return JSON.parse(JSON.stringify(rest, (_key, value: unknown) => (value === null ? undefined : value)));
}

async function readLedger(file: string): Promise<LedgerLine[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): LedgerLine => JSON.parse(line));
}

function tick(screen: Screen): string {
  return screen.paint('green', '+');
}
