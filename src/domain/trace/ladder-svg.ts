import type { CallTraceRecord } from './call-trace-record.ts';
import { type LadderRow, layLadder } from './ladder.ts';

/** Pixels. */
const ourX = 130;
const gap = 340;
const top = 78;
const lineHeight = 18;
const margin = 24;

/** Colours that hold on white paper and on a dark screen, which gets a white ground. */
const style =
  'text{font:12px ui-monospace,monospace;fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke}.head{font-weight:600}.time,.detail{fill:#666}.note{fill:#0b5cad}' +
  '.life{stroke:#bbb}.arrow{stroke:#222;fill:none}.arrow.bad{stroke:#b3261e}text.bad{fill:#b3261e}.again{stroke-dasharray:5 4}';

/** A call's ladder as a picture (SVG); the same as the text, with refusals in red and repetitions dashed. */
export function drawLadder(heading: readonly string[], trace: CallTraceRecord): string {
  const ladder = layLadder(trace.events);
  const xOf = (party: number): number => ourX + party * gap;
  const rows: string[] = [];
  let y = top + lineHeight;
  for (const row of ladder.rows) {
    const { svg, height } = drawRow(row, y, xOf);
    rows.push(svg);
    y += height;
  }
  const width = xOf(Math.max(1, ladder.parties.length - 1)) + ourX;
  const height = y + margin;
  const parties = ladder.parties.map((party, index) => {
    const x = xOf(index);
    return (
      `<line class="life" x1="${x}" y1="${top}" x2="${x}" y2="${y}"/>` +
      text({ x, y: top - 22 }, party.name, 'head', 'middle') +
      text({ x, y: top - 8 }, party.address, 'detail', 'middle')
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>${style}</style><defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>` +
    `<rect width="100%" height="100%" fill="#fff"/>` +
    heading
      .map((line, index) => text({ x: 8, y: 16 + index * 16 }, line, index === 0 ? 'head' : '', 'start'))
      .join('') +
    `${parties.join('')}${rows.join('')}</svg>\n`
  );
}

function drawRow(row: LadderRow, y: number, xOf: (party: number) => number): { svg: string; height: number } {
  const time = text({ x: ourX - 14, y }, (row.atUs / 1_000_000).toFixed(6), 'time', 'end');
  if (row.type === 'note')
    return { svg: time + text({ x: ourX + 8, y }, row.text, 'note', 'start'), height: lineHeight };
  const [from, to] = row.isSent ? [ourX, xOf(row.party)] : [xOf(row.party), ourX];
  const isBad = /^[3-6]\d\d /.test(row.title);
  const classes = `arrow${isBad ? ' bad' : ''}${row.title.endsWith('(again)') ? ' again' : ''}`;
  const line = `<line class="${classes}" x1="${from}" y1="${y + 6}" x2="${to}" y2="${y + 6}" marker-end="url(#tip)"/>`;
  const title = text({ x: (from + to) / 2, y }, row.title, isBad ? 'bad' : '', 'middle');
  const details = row.details.map((detail, index) =>
    text({ x: ourX + 8, y: y + 20 + index * 15 }, detail, 'detail', 'start'),
  );
  return { svg: time + line + title + details.join(''), height: lineHeight + 10 + details.length * 15 };
}

type Point = { readonly x: number; readonly y: number };

function text({ x, y }: Point, content: string, className: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${x}" y="${y}" class="${className}" text-anchor="${anchor}">${escaped(content)}</text>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(content: string): string {
  return content.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
