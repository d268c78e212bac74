import { type Logger as PinoLogger, pino } from 'pino';

/** Structured log: a fixed phrase as message, data as fields. */
export type Logger = Pick<
  PinoLogger,
  'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' | 'child' | 'level'
>;

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** The process's root logger, JSON lines on standard output. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino({ name, level, base: { name, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime });
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
