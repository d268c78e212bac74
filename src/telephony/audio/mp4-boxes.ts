import { uintAt } from './bytes.ts';

/** A box of an MP4 file (ISO 14496-12 4.2): its type and where its content is. */
export type Mp4Box = {
  readonly type: string;
  readonly start: number;
  readonly bodyStart: number;
  readonly end: number;
};

/** The boxes between two offsets, in order. One that does not fit ends at `end`. */
export function* readBoxes(bytes: Uint8Array, start: number, end: number): Generator<Mp4Box> {
  let offset = start;
  while (offset + 8 <= end) {
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    const short = uintAt(bytes, offset, 4);
    const isLong = short === 1;
    const size = isLong ? uintAt(bytes, offset + 8, 4) * 2 ** 32 + uintAt(bytes, offset + 12, 4) : short;
    const bodyStart = offset + (isLong ? 16 : 8);
    // Size 0: to the end.
    const boxEnd = short === 0 ? end : Math.min(end, offset + size);
    if (boxEnd < bodyStart) return;
    yield { type, start: offset, bodyStart, end: boxEnd };
    offset = boxEnd;
  }
}

/** The first box along a path below another, e.g. `mdia`, `minf`; null: there is none. */
export function findBox(bytes: Uint8Array, parent: Mp4Box, ...path: readonly string[]): Mp4Box | null {
  let current = parent;
  for (const type of path) {
    // A `meta` box has version and flags before its children.
    const start = current.bodyStart + (current.type === 'meta' ? 4 : 0);
    const child = [...readBoxes(bytes, start, current.end)].find((box) => box.type === type);
    if (child === undefined) return null;
    current = child;
  }
  return current;
}

/** A box's content; a view. */
export function bodyOf(bytes: Uint8Array, box: Mp4Box | null): Uint8Array | null {
  return box === null ? null : bytes.subarray(box.bodyStart, box.end);
}
