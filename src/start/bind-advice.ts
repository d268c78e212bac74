import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { InfrastructureError } from '../lib/errors.ts';

export type Binding = {
  /** What listens, with its transport, e.g. `SIP (UDP)`. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  /** The settings that say where. */
  readonly hostSetting: string;
  readonly portSetting: string;
};

/**
 * Waits for a socket to be bound. Where the system refuses the address, rejects with what an operator can do about it; any other error is passed
 * on as it is.
 */
export async function bindOrAdvise<T>(binding: Binding, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const advice = adviceFor(binding, codeOf(cause));
    if (advice === null) throw cause;
    const { what, host, port } = binding;
    const where = port === 0 ? host : `${host}:${port}`;
    throw new InfrastructureError(`${what} cannot listen on ${where}: ${advice}`, { retryable: true, cause });
  }
}

/**
 * Rejects with advice where this machine does not have the address. For sockets that are bound later, call by call, when nobody is looking any more.
 */
export async function requireAddress(binding: Omit<Binding, 'port'>): Promise<void> {
  const socket = createSocket(isIPv6(binding.host) ? 'udp6' : 'udp4');
  const listening = once(socket, 'listening');
  socket.bind(0, binding.host);
  try {
    await bindOrAdvise({ ...binding, port: 0 }, listening);
  } finally {
    socket.close();
  }
}

function adviceFor({ hostSetting, portSetting }: Binding, code: string | null): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `another program does; stop that one, or set ${portSetting} to a free port`;
    case 'EADDRNOTAVAIL':
      return `this machine has no such address; set ${hostSetting} to one that it has`;
    case 'EACCES':
      return `this user may not; set ${portSetting} to a port above 1023`;
    default:
      return null;
  }
}

/** The system's code of an error, or of what caused it. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  return 'code' in error ? String(error.code) : codeOf(error.cause);
}
