import { parseArgs } from 'node:util';

export type DemoArguments = {
  readonly isHelp: boolean;
  /** Exit when the run is over instead of serving on. */
  readonly isOnce: boolean;
  readonly callees: number;
  readonly seed: number;
  readonly dataDir: string;
};

export const demoUsage = `Runs a group call with a recall flow against a simulated carrier, over real SIP and RTP, on this machine.

usage: npm run demo -- [options]

  --once           exit when the run is over: 0 when every callee is accounted for, 1 otherwise
  --callees N      how many people to call, 1 to 5000 (200)
  --seed N         other people for another number (1)
  --data-dir DIR   where a folder for this run is made; those of runs before are removed (./data/demo)
  --help           this text

Ports: CARILLON_HTTP_PORT (8080) and CARILLON_SIP_PORT (5060), or free ones where these are taken. Everything listens on 127.0.0.1.
The demo brings its own PostgreSQL: DATABASE_URL and CARILLON_DATA_DIR are not looked at, so no other installation is touched.
`;

/** The arguments cannot be used; the message says which and why. */
export class DemoArgumentError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoArgumentError';
  }
}

/** Reads the command line. Throws {@link DemoArgumentError}. */
export function readDemoArguments(args: readonly string[]): DemoArguments {
  const values = parse(args);
  return {
    isHelp: values.help,
    isOnce: values.once,
    callees: integerOf('--callees', values.callees, { least: 1, most: 5000 }),
    seed: integerOf('--seed', values.seed, { least: 0, most: 0xffffffff }),
    dataDir: values['data-dir'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        callees: { type: 'string', default: '200' },
        seed: { type: 'string', default: '1' },
        'data-dir': { type: 'string', default: './data/demo' },
      },
    }).values;
  } catch (error) {
    throw new DemoArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function integerOf(name: string, text: string, { least, most }: { least: number; most: number }): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new DemoArgumentError(`${name} must be a number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
