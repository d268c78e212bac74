import { type Paint, visibleLength } from './paint.ts';
import type { CallGroup, RoundProgress, RunProgress } from './progress.ts';

/** What stands beside a bar: the title before it, the counts and the state behind it. */
const besideBar = 36;
const mostBarCells = 44;
const leastBarCells = 8;
const indent = 14;

/** How the view is drawn: with which colours, and how many characters fit into a line. */
export type Canvas = { readonly paint: Paint; readonly columns: number };

type Legend = {
  readonly group: CallGroup;
  readonly label: string;
  readonly colour: 'green' | 'yellow' | 'blue' | 'magenta' | 'red';
};

/** The groups in the order of the bar, each with the colour of its stretch. */
const legend: readonly Legend[] = [
  { group: 'answered', label: 'answered', colour: 'green' },
  { group: 'busy', label: 'busy', colour: 'yellow' },
  { group: 'noAnswer', label: 'no answer', colour: 'blue' },
  { group: 'declined', label: 'declined', colour: 'magenta' },
  { group: 'unreachable', label: 'unreachable', colour: 'red' },
];

/** The live picture, line by line: a bar per round, the calls that are up, the keys that were pressed. */
export function renderProgress(progress: RunProgress, elapsedMs: number, canvas: Canvas): string[] {
  const { paint } = canvas;
  const lines = progress.rounds.flatMap((round) => renderRound(round, canvas));
  return [
    '',
    `  ${paint('bold', 'Group call with recall flow')}   ${progress.callees} callees   ${paint('dim', elapsed(elapsedMs))}`,
    '',
    ...lines,
    `  ${paint('bold', 'Reached')}   ${share(progress.reached, progress.callees)} of all callees by now`,
    `  ${paint('bold', 'Keys')}      ${renderKeys(progress, paint)}`,
    `  ${paint('bold', 'Reports')}   ${progress.reported} received`,
    '',
  ];
}

function renderRound(round: RoundProgress, { paint, columns }: Canvas): string[] {
  const title = round.ordinal === 1 ? 'First call' : `Recall ${round.ordinal - 1}`;
  const barCells = Math.max(leastBarCells, Math.min(mostBarCells, columns - besideBar));
  const head = `  ${padded(paint('bold', title), indent - 3)} ${renderBar(round, barCells, paint)} `;
  if (round.taskId === null) {
    const words = round.note ?? (round.state === 'done' ? 'nobody left to call' : 'planned');
    return [head + paint('dim', words), ''];
  }
  const state = round.state === 'calling' ? paint('cyan', callsNow(round.callsNow)) : stateWord(round, paint);
  const words = [...groupCounts(round, paint), ...(round.note === null ? [] : [paint('dim', round.note)])];
  return [`${head}${share(round.ended, round.total)}  ${state}`, ...wrap(words, columns), ''];
}

function groupCounts(round: RoundProgress, paint: Paint): string[] {
  return legend.map(({ group, label, colour }) => `${paint(colour, label)} ${round.groups[group]}`);
}

/** As many to a line as fit, so that no count is cut off. */
function wrap(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ''}  ${word}`;
    if (lines.length > 0 && visibleLength(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(' '.repeat(indent) + word);
  }
  return lines;
}

function stateWord(round: RoundProgress, paint: Paint): string {
  return round.state === 'done' ? paint('green', 'done') : paint('red', 'failed');
}

/** Stretches as wide as their share, largest remainder first, so that they add up to the ended. */
function renderBar(round: RoundProgress, barCells: number, paint: Paint): string {
  if (round.total === 0) return paint('dim', '·'.repeat(barCells));
  const parts = [
    ...legend.map(({ group, colour }) => ({ colour, glyph: '█', count: round.groups[group] })),
    { colour: 'cyan' as const, glyph: '▒', count: round.callsNow },
    { colour: 'dim' as const, glyph: '·', count: round.total - round.ended - round.callsNow },
  ];
  const cells = apportion(
    parts.map(({ count }) => Math.max(0, count)),
    barCells,
  );
  return parts.map(({ colour, glyph }, index) => paint(colour, glyph.repeat(cells[index] ?? 0))).join('');
}

/** Splits `cells` in proportion to `counts` (largest remainder). */
export function apportion(counts: readonly number[], cells: number): number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  if (sum === 0) return counts.map(() => 0);
  const exact = counts.map((count) => (count * cells) / sum);
  const whole = exact.map(Math.floor);
  const left = cells - whole.reduce((total, count) => total + count, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((one, other) => other.remainder - one.remainder);
  for (const { index } of byRemainder.slice(0, left)) whole[index] = (whole[index] ?? 0) + 1;
  return whole;
}

function renderKeys({ keys }: RunProgress, paint: Paint): string {
  if (keys.length === 0) return paint('dim', 'none pressed yet');
  return keys.map(([key, count]) => `${paint('cyan', key)}: ${count}`).join('   ');
}

/** The same in one line, for where nothing can be redrawn. */
export function renderLine(progress: RunProgress, elapsedMs: number): string {
  const rounds = progress.rounds
    .filter((round) => round.taskId !== null)
    .map((round) => {
      const groups = legend.map(({ group, label }) => `${label} ${round.groups[group]}`).join(', ');
      const title = round.ordinal === 1 ? 'first call' : `recall ${round.ordinal - 1}`;
      return { title, text: `${title}: ${round.ended}/${round.total}, ${callsNow(round.callsNow)} (${groups})` };
    });
  const keys = progress.keys.map(([key, count]) => `${key}: ${count}`).join(' ');
  return `${elapsed(elapsedMs)}  ${rounds.at(-1)?.text ?? 'starting'}${keys === '' ? '' : `; keys ${keys}`}`;
}

/** The rounds as a table, for the end; where that is too wide, a paragraph per round. */
export function renderTable(progress: RunProgress, { paint, columns }: Canvas): string[] {
  const heads = ['round', 'task', 'dialed', ...legend.map(({ label }) => label)];
  const rows = progress.rounds.map((round) => [
    round.ordinal === 1 ? 'first call' : `recall ${round.ordinal - 1}`,
    round.taskId === null ? '-' : String(round.taskId),
    String(round.total),
    ...legend.map(({ group }) => String(round.groups[group])),
  ]);
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  if (line(heads).length + 2 > columns) return renderParagraphs(progress, { paint, columns });
  return [`  ${paint('bold', line(heads))}`, ...rows.map((row) => `  ${line(row)}`)];
}

function renderParagraphs(progress: RunProgress, { paint, columns }: Canvas): string[] {
  return progress.rounds.flatMap((round) => {
    const title = round.ordinal === 1 ? 'First call' : `Recall ${round.ordinal - 1}`;
    const head = `  ${padded(paint('bold', title), indent - 2)}task ${round.taskId ?? '-'}  dialed ${round.total}`;
    return [head, ...wrap(groupCounts(round, paint), columns)];
  });
}

function callsNow(count: number): string {
  return count === 1 ? '1 call now' : `${count} calls now`;
}

function share(part: number, whole: number): string {
  return `${part}/${whole}`;
}

function elapsed(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - visibleLength(text)));
}
