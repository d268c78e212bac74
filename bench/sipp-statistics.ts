import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What SIPp counted over one step. */
export type SippStatistics = {
  readonly successful: number;
  readonly retransmissions: number;
  /** Calls begun a second, while not all had begun. */
  readonly reached: number;
};

/** From the file that `-trace_stat -fd 1` left in `folder`: a row a second; `(C)` is cumulative, `(P)` of the row's period. */
export async function readSippStatistics(
  folder: string,
  calls: number,
  counter: 'OutgoingCall' | 'IncomingCall',
): Promise<SippStatistics> {
  const name = (await readdir(folder)).find((entry) => entry.endsWith('_.csv'));
  const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
  const [head = '', ...rows] = text.trim().split('\n');
  const names = head.split(';');
  const figure = (row: string | undefined, column: string): string => row?.split(';')[names.indexOf(column)] ?? '';
  const last = rows.at(-1);
  const begun = (row: string): number => Number(figure(row, `${counter}(C)`));
  const calling = rows.filter((row) => begun(row) > 0 && begun(row) < calls);
  const rates = calling.slice(1).map((row) => Number(figure(row, `${counter}(P)`)));
  const periods = calling.slice(1).map((row) => secondsOf(figure(row, 'ElapsedTime(P)')));
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  return {
    successful: Number(figure(last, 'SuccessfulCall(C)')),
    retransmissions: Number(figure(last, 'Retransmissions(C)')),
    reached: Math.round(total(rates) / (total(periods) || Number.NaN)),
  };
}

/** `hh:mm:ss:uuuuuu`, or with a dot before the fraction. */
function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = text.split(/[:.]/).map(Number);
  return hours * 3600 + minutes * 60 + seconds + micros / 1e6;
}
