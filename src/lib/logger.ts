import { type DestinationStream, type Logger as PinoLogger, pino, stdSerializers } from 'pino';

/** Structured log: a fixed phrase as message, data as fields. */
export type Logger = Pick<
  PinoLogger,
  'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | 'child' | 'level'
>;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The process's root logger, JSON lines on standard output unless a test wants them elsewhere. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: loggedError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What PostgreSQL adds to an error of the row that it is about: numbers of callees, passwords of trunks. What is wrong, and with which column, its other fields say. */
const rowsOfError = ['detail', 'where', 'internalQuery'];

function loggedError(error: Error): object {
  const { raw: _, ...fields } = stdSerializers.err(error);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !rowsOfError.includes(name)));
}

/** A logger that writes nothing, for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** Hides all but the first three and last two digits of a phone number: `86132*****14`. */
export function maskNumber(number: string): string {
  if (number.length <= 5) return '*'.repeat(number.length);
  return number.slice(0, 3) + '*'.repeat(number.length - 5) + number.slice(-2);
}
