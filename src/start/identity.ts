import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ProcessIdentity } from '../domain/process/registry.ts';

/** Who this process is; new at every start. */
export function processIdentity(kind: ProcessIdentity['kind']): ProcessIdentity {
  return { processId: randomUUID(), kind, host: hostname(), pid: process.pid };
}
