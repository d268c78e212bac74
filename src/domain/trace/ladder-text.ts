import type { CallTraceRecord } from './call-trace-record.ts';
import { type Ladder, type LadderRow, layLadder } from './ladder.ts';

/** Columns of text: where our line stands, and how far the others are from it and from each other. */
const ourColumn = 17;
const gap = 58;

/**
 * A call's ladder as plain text. `heading` comes first, line by line. Times are seconds from the first INVITE.
 *
 *              Carillon                    192.0.2.1:5060
 *                 |                              |
 *      0.000000   |---------- INVITE ----------->|
 */
export function writeLadder(heading: readonly string[], trace: CallTraceRecord): string {
  const ladder = layLadder(trace.events);
  const columns = ladder.parties.map((_party, index) => ourColumn + index * gap);
  const origin = new Date(trace.startedAt.getTime() + ladder.originUs / 1000).toISOString();
  const lines = [
    ...heading,
    `Seconds from the first INVITE, at ${origin}; by process ${trace.processId}.`,
    ...(trace.droppedEvents === 0
      ? []
      : [`${trace.droppedEvents} messages and notes were over the bounds of a trace.`]),
    '',
    ...partyLines(ladder, columns),
    lifelines(columns),
    ...ladder.rows.flatMap((row) => rowLines(row, columns)),
    lifelines(columns),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function partyLines(ladder: Ladder, columns: readonly number[]): string[] {
  const line = (field: 'name' | 'address'): string => {
    let text = '';
    for (const [index, party] of ladder.parties.entries()) {
      const start = Math.max(text.length + 1, (columns[index] ?? 0) - Math.floor(party[field].length / 2));
      text = text.padEnd(start) + party[field];
    }
    return text;
  };
  return [line('name'), line('address')];
}

function rowLines(row: LadderRow, columns: readonly number[]): string[] {
  const time = (row.atUs / 1_000_000).toFixed(6).padStart(ourColumn - 3);
  if (row.type === 'note') return withText(time, wrap(`* ${row.text}`), columns);
  const arrow = over(lifelines(columns), arrowText(row, columns), ourColumn + 1);
  return [over(arrow, time, 0), ...withText('', row.details.flatMap(wrap), columns)];
}

function arrowText(row: Extract<LadderRow, { type: 'arrow' }>, columns: readonly number[]): string {
  const width = (columns[row.party] ?? ourColumn + gap) - ourColumn - 1;
  const title = ` ${row.title.slice(0, width - 8)} `;
  const before = Math.floor((width - title.length) / 2);
  const shaft = '-'.repeat(before) + title + '-'.repeat(width - before - title.length);
  return row.isSent ? `${shaft.slice(0, -1)}>` : `<${shaft.slice(1)}`;
}

/** Lines of text beside our lifeline; the time stands before the first. */
function withText(time: string, texts: readonly string[], columns: readonly number[]): string[] {
  return texts.map((text, index) => {
    const line = over(lifelines(columns), text, ourColumn + 3);
    return index === 0 ? over(line, time, 0) : line;
  });
}

function lifelines(columns: readonly number[]): string {
  return columns.reduce((line, column) => `${line.padEnd(column)}|`, '');
}

function over(line: string, text: string, start: number): string {
  return line.slice(0, start).padEnd(start) + text + line.slice(start + text.length);
}

/** Cut into pieces that fit between two lifelines, at spaces where there are some. */
function wrap(text: string): string[] {
  const width = gap - 5;
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const cut = space > width / 2 ? space : width;
    pieces.push(rest.slice(0, cut));
    rest = `  ${rest.slice(cut).trimStart()}`;
  }
  return [...pieces, rest];
}
