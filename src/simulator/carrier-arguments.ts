import { parseArgs } from 'node:util';
import type { LogLevel } from '../lib/logger.ts';
import type { PortRange } from '../telephony/rtp/port-pool.ts';
import type { Credentials } from '../telephony/sip/endpoint-types.ts';
import { defaultPeopleMix, type PeopleMix } from './people.ts';

/** What the command line of the simulated carrier says. */
export type CarrierArguments = {
  readonly isHelp: boolean;
  readonly host: string;
  readonly port: number;
  readonly rtpPorts: PortRange;
  readonly seed: number;
  readonly mix: PeopleMix;
  readonly ledgerFile: string | null;
  readonly credentials: Credentials | null;
  readonly logLevel: LogLevel;
};

export const carrierUsage = `A simulated SIP carrier with scripted people behind it: G.711 over RTP, keys by RFC 4733.

usage: node src/simulator/main.ts [options]

  --host ADDRESS       where SIP and RTP listen (127.0.0.1)
  --port PORT          UDP port for SIP; 0: any free one (5070)
  --rtp-ports A-B      UDP ports of the people's phones (30000-32767)
  --seed N             other people for another number; the same seed always behaves the same (1)
  --mix NAME=N,...     weights: answers, busy, noAnswer, declines, unreachable;
                       shares from 0 to 1: keyShare, earlyShare, comeAroundShare
  --ledger FILE        append a JSON line for every INVITE and for every end of a call
  --user NAME --password WORD
                       ask callers for these (digest); without: everybody may call
  --log-level LEVEL    trace, debug, info, warn, error, silent (info); JSON lines on standard output
  --help               this text

SIGUSR2 prints a summary of the ledger as one JSON line. SIGTERM and SIGINT stop it, and so does the end of the process that forked it.
`;

/** The arguments cannot be used; the message says which and why. */
export class ArgumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArgumentError';
  }
}

const optionTypes = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '5070' },
  'rtp-ports': { type: 'string', default: '30000-32767' },
  seed: { type: 'string', default: '1' },
  mix: { type: 'string', default: '' },
  ledger: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const;

/** Reads the command line. Throws {@link ArgumentError}. */
export function readCarrierArguments(args: readonly string[]): CarrierArguments {
  const values = parse(args);
  return {
    isHelp: values.help,
    host: values.host,
    port: integerOf('--port', values.port, 65_535),
    rtpPorts: rangeOf(values['rtp-ports']),
    seed: integerOf('--seed', values.seed, Number.MAX_SAFE_INTEGER),
    mix: mixOf(values.mix),
    ledgerFile: values.ledger ?? null,
    credentials: credentialsOf(values.user, values.password),
    logLevel: logLevelOf(values['log-level']),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: optionTypes }).values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function integerOf(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most)
    throw new ArgumentError(`${name} must be a number from 0 to ${most}, not "${text}"`);
  return value;
}

function rangeOf(text: string): PortRange {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text);
  const range = { first: Number(match?.[1]), last: Number(match?.[2]) };
  if (match === null || range.first < 1024 || range.last > 65_535 || range.first >= range.last) {
    throw new ArgumentError(`--rtp-ports must be two ports such as 30000-32767, not "${text}"`);
  }
  return range;
}

function isMixName(name: string): name is keyof PeopleMix {
  return name in defaultPeopleMix;
}

/** The given weights and shares over the default ones. */
function mixOf(text: string): PeopleMix {
  const mix = { ...defaultPeopleMix };
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [name = '', amount = ''] = part.split('=');
    const value = Number(amount);
    const most = name.endsWith('Share') ? 1 : Number.MAX_SAFE_INTEGER;
    if (!isMixName(name)) throw new ArgumentError(`--mix knows ${Object.keys(mix).join(', ')}, not "${name}"`);
    if (amount === '' || !(value >= 0 && value <= most)) throw new ArgumentError(`--mix ${name} cannot be "${amount}"`);
    mix[name] = value;
  }
  if (mix.answers + mix.busy + mix.noAnswer + mix.declines + mix.unreachable === 0) {
    throw new ArgumentError('--mix leaves nobody: at least one weight must be above 0');
  }
  return mix;
}

function credentialsOf(user: string | undefined, password: string | undefined): Credentials | null {
  if (user === undefined && password === undefined) return null;
  if (user === undefined || password === undefined) throw new ArgumentError('--user and --password go together');
  return { username: user, password };
}

const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function logLevelOf(text: string): LogLevel {
  const level = logLevels.find((known) => known === text);
  if (level === undefined) throw new ArgumentError(`--log-level is one of ${logLevels.join(', ')}, not "${text}"`);
  return level;
}
