import type { Paint } from './paint.ts';
import { ansiPaint, clip, plainPaint } from './paint.ts';

/** Where the demo writes. */
export interface Screen {
  readonly paint: Paint;
  /** Characters to a line at the moment; where there is no terminal, as many as one likes. */
  readonly columns: number;
  /** Lasting lines, below what stands there. */
  print(...lines: string[]): void;
  /** The live picture: replaces the one before. Where nothing can be redrawn, `line` at most every two seconds and only when it changed. */
  show(picture: readonly string[], line: string): void;
  /** Leaves the last picture where it is; where nothing can be redrawn, `line` stands for it. */
  settle(line: string): void;
  /** Takes the last picture away. */
  clear(): void;
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

const lineEveryMs = 2000;

export function createScreen(output: Output, options: { isColoured: boolean; monotonic: () => number }): Screen {
  const paint = options.isColoured ? ansiPaint : plainPaint;
  let drawn = 0;
  let lastLine = '';
  let lastLineMs = Number.NEGATIVE_INFINITY;

  function columns(): number {
    return output.isTTY ? (output.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  function print(...lines: string[]): void {
    drawn = 0;
    output.write(`${lines.join('\n')}\n`);
  }

  /** One write, and each line cleared to its end only, so that nothing flickers. */
  function redraw(picture: readonly string[]): void {
    // A wrapped line would count as two, and the picture would climb up the screen.
    const width = columns();
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
    output.write(`${up}${picture.map((line) => `\r${clip(line, width)}\u001b[K\n`).join('')}\u001b[J`);
    drawn = picture.length;
  }

  return {
    paint,
    get columns() {
      return columns();
    },
    print,
    show(picture, line) {
      if (output.isTTY) {
        redraw(picture);
        return;
      }
      // The time at the beginning always differs.
      const content = line.replace(/^\S+/, '');
      if (content === lastLine || options.monotonic() - lastLineMs < lineEveryMs) return;
      lastLine = content;
      lastLineMs = options.monotonic();
      print(`  ${line}`);
    },
    settle(line) {
      drawn = 0;
      if (!output.isTTY) print(`  ${line}`);
    },
    clear() {
      if (drawn > 0) output.write(`\u001b[${drawn}A\r\u001b[J`);
      drawn = 0;
    },
  };
}
