import { readFile } from 'node:fs/promises';
import { systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { DemoArgumentError, type DemoArguments, demoUsage, readDemoArguments } from './demo/demo-arguments.ts';
import { setUpCustomer } from './demo/demo-customer.ts';
import { playRun } from './demo/demo-run.ts';
import { DemoStage, demoEnvironment, type Running, recallMinuteMs } from './demo/demo-stage.ts';
import { ReportReceiver } from './demo/report-receiver.ts';
import { openRunFolder } from './demo/run-folder.ts';
import { createScreen, type Screen } from './demo/screen.ts';
import { readEnvironment } from './environment.ts';
import { listenToStopSignals } from './stop-signals.ts';

/** `npm run demo`: the whole platform, a simulated carrier, and a customer who uses both. Exit code 0: everything holds that must. */
async function main(options: DemoArguments): Promise<number> {
  const screen = createScreen(process.stdout, {
    isColoured: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    monotonic: () => systemClock.monotonic(),
  });
  const environment = demoEnvironment(process.env);
  const { config: wanted } = readEnvironment('demo', environment);
  const folder = await openRunFolder(options.dataDir, new Date());
  const stage = new DemoStage({ folder, seed: options.seed, environment, wanted });
  const stopped = new AbortController();
  const receiver = await ReportReceiver.start();
  listenToStopSignals({
    onStop: () => stopped.abort(new StoppedError()),
    onForce: () => void stage.force().finally(() => process.exit(1)),
  });
  try {
    return await perform({ options, screen, stage, receiver, stopped: stopped.signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return 130;
    await explain(screen, stage, error);
    return 1;
  } finally {
    const hint = stopped.signal.aborted
      ? ': calls in progress go on to their end; Ctrl-C once more ends them at once'
      : '';
    screen.print(screen.paint('dim', `  stopping${hint} ...`));
    await stage.stop();
    await receiver.close();
  }
}

class StoppedError extends Error {}

type Performance = {
  readonly options: DemoArguments;
  readonly screen: Screen;
  readonly stage: DemoStage;
  readonly receiver: ReportReceiver;
  readonly stopped: AbortSignal;
};

async function perform({ options, screen, stage, receiver, stopped }: Performance): Promise<number> {
  const { paint } = screen;
  screen.print(
    '',
    `  ${paint('bold', 'Carillon demo')}: ${options.callees} people, called over real SIP and RTP on this machine`,
    '',
  );
  const startedMs = systemClock.monotonic();
  const running = await whileShowing(screen, 'starting PostgreSQL, api, dialer and a simulated carrier', stage.start());
  const step = (text: string): void => screen.print(`  ${paint('green', '+')} ${text}`);
  step(`started PostgreSQL, api, dialer and a simulated carrier ${paint('dim', `in ${secondsSince(startedMs)} s`)}`);
  for (const note of portNotes(running)) step(note);
  const customer = await setUpCustomer({
    apiUrl: running.info.apiUrl,
    adminToken: running.info.adminToken,
    trunk: { host: running.carrierHost, port: running.carrierPort, maxCps: cpsFor(options.callees), maxChannels: 400 },
    reportUrl: receiver.url,
  });
  receiver.secret = customer.reportSecret;
  step(
    `made a trunk, an account and an app with a report URL through the admin API; a recall minute lasts ${recallMinuteMs / 1000} s here`,
  );
  const holds = await playRun({
    apiUrl: running.info.apiUrl,
    customer,
    callees: options.callees,
    ledgerFile: stage.files.ledger,
    receiver,
    screen,
    clock: systemClock,
    signal: stopped,
  });
  screen.print(...whereabouts({ running, customer, stage, screen }));
  if (!options.isOnce) {
    screen.print(`  Serving on. ${paint('bold', 'Ctrl-C')} ends it.`);
    await untilAborted(stopped);
  }
  return holds ? 0 : 1;
}

function secondsSince(startedMs: number): number {
  return Math.round((systemClock.monotonic() - startedMs) / 100) / 10;
}

/** Counts the seconds for as long as something takes, and takes the line away again. */
async function whileShowing<T>(screen: Screen, text: string, work: Promise<T>): Promise<T> {
  const startedMs = systemClock.monotonic();
  const tick = (): void => {
    const seconds = Math.floor(secondsSince(startedMs));
    screen.show([screen.paint('dim', `  . ${text} ... ${seconds} s`)], `${seconds} s ${text}`);
    timer = systemClock.setTimer(tick, 500);
  };
  let timer = systemClock.setTimer(tick, 0);
  try {
    return await work;
  } finally {
    timer.cancel();
    screen.clear();
  }
}

/** Everybody is dialed within some eight seconds, but never faster than a carrier would allow. */
function cpsFor(callees: number): number {
  return Math.min(100, Math.max(25, Math.ceil(callees / 8)));
}

function portNotes({ httpPort, sipPort }: Running): string[] {
  const notes: string[] = [];
  if (!httpPort.isWanted) notes.push(`the HTTP port is taken by somebody else: using ${httpPort.port} instead`);
  if (!sipPort.isWanted) notes.push(`the SIP port is taken by somebody else: using ${sipPort.port} instead`);
  return notes;
}

function whereabouts(parts: {
  running: Running;
  customer: { apiKey: string; apiSecret: string; appId: string };
  stage: DemoStage;
  screen: Screen;
}): string[] {
  const { running, customer, stage, screen } = parts;
  const { apiUrl, sipAddress } = running.info;
  const line = (name: string, value: string): string => `  ${screen.paint('cyan', name.padEnd(12))} ${value}`;
  return [
    `  ${screen.paint('bold', 'Where everything is')}`,
    line('dialect API', `${apiUrl}/v3/voice`),
    line('Api-Key', customer.apiKey),
    line('API secret', customer.apiSecret),
    line('appId', customer.appId),
    line('admin API', `${apiUrl}/admin/v1`),
    line('OpenAPI', `${apiUrl}/admin/v1/openapi.json`),
    line('admin token', stage.files.adminToken),
    line('SIP', `${sipAddress} (UDP), carrier at ${running.carrierHost}:${running.carrierPort}`),
    line('platform log', stage.files.platformLog),
    line('carrier log', stage.files.carrierLog),
    line('INVITEs', stage.files.ledger),
    '',
  ];
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Says what went wrong and shows the end of the platform's log, where the cause usually stands. */
async function explain(screen: Screen, stage: DemoStage, error: unknown): Promise<void> {
  const log = (await readFile(stage.files.platformLog, 'utf8').catch(() => '')).trimEnd();
  const lines = log === '' ? [] : log.split('\n').slice(-8);
  screen.print(
    '',
    `  ${screen.paint('red', 'The demo failed:')} ${messageOf(error)}`,
    '',
    ...(lines.length === 0 ? [] : [`  The last lines of ${stage.files.platformLog}:`]),
    ...lines.map((line) => `    ${line.slice(0, 400)}`),
    '',
    `  The carrier's log is ${stage.files.carrierLog}. Try again with CARILLON_LOG_LEVEL=debug for more.`,
  );
}

function readArguments(): DemoArguments | null {
  try {
    return readDemoArguments(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof DemoArgumentError)) throw error;
    process.stderr.write(`carillon demo: ${error.message}\n\n${demoUsage}`);
    return null;
  }
}

const options = readArguments();
if (options === null) process.exitCode = 2;
else if (options.isHelp) process.stdout.write(demoUsage);
else process.exit(await main(options));
