// npm run bench -- NAME [--peer X] [arguments]: runs bench/NAME.ts, prints its result as one JSON line and adds it to bench/results/NAME.jsonl.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Bench } from './result.ts';

const folder = fileURLToPath(new URL('./', import.meta.url));

/** What can be measured; each is `bench/NAME.ts`. */
const benches = [
  'api',
  'cps',
  'digits',
  'machine',
  'media',
  'media-calls',
  'media-thread',
  'recording',
  'reports',
  'sip-signalling',
  'smpp',
  'soak',
  'srtp',
  'trace',
];

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  const names = benches.filter((bench) => existsSync(`${folder}${bench}.ts`));
  if (name === undefined || !names.includes(name)) {
    console.error(`usage: npm run bench -- NAME [--peer X] [arguments]\nNAME is one of: ${names.join(', ')}`);
    return 1;
  }
  const bench: unknown = await import(`./${name}.ts`);
  if (!isBench(bench)) {
    console.error(`bench/${name}.ts exports no function "run"`);
    return 1;
  }
  const result = await bench.run(args);
  const line = JSON.stringify({ ...result, cores: availableParallelism(), date: new Date().toISOString() });
  mkdirSync(`${folder}results`, { recursive: true });
  appendFileSync(`${folder}results/${name}.jsonl`, `${line}\n`);
  console.log(line);
  return 0;
}

function isBench(module: unknown): module is Bench {
  return typeof module === 'object' && module !== null && 'run' in module && typeof module.run === 'function';
}

// What a measurement leaves open (sockets, threads) must not keep the command from ending.
process.exit(await main());
