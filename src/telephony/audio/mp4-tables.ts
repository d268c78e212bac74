import { uintAt } from './bytes.ts';
import { bodyOf, findBox, type Mp4Box } from './mp4-boxes.ts';

/** No frame of sound is larger. */
export const largestFrameBytes = 65_536;

/** The frames of a track by its tables (ISO 14496-12 8.7): sizes, how many in a chunk, where the chunks are. Ends where the file does. */
export function* readTableFrames(bytes: Uint8Array, trak: Mp4Box): Generator<Uint8Array> {
  const table = (type: string) => bodyOf(bytes, findBox(bytes, trak, 'mdia', 'minf', 'stbl', type));
  const [sizes, perChunk, offsets, longOffsets] = [table('stsz'), table('stsc'), table('stco'), table('co64')];
  const chunks = offsets ?? longOffsets;
  if (sizes === null || perChunk === null || chunks === null) return;
  const count = uintAt(sizes, 8, 4);
  let index = 0;
  let run = 0;
  for (let chunk = 0; chunk < uintAt(chunks, 4, 4) && index < count; chunk += 1) {
    // The runs name their first chunk, counted from 1.
    const nextRun = 8 + (run + 1) * 12;
    if (nextRun + 12 <= perChunk.length && uintAt(perChunk, nextRun, 4) === chunk + 1) run += 1;
    const inChunk = uintAt(perChunk, 8 + run * 12 + 4, 4);
    let offset = chunkOffset(chunks, chunk, offsets === null);
    for (let last = index + inChunk; index < last && index < count; index += 1) {
      const size = uintAt(sizes, 4, 4) || uintAt(sizes, 12 + index * 4, 4);
      if (size === 0 || size > largestFrameBytes || offset + size > bytes.length) return;
      yield bytes.subarray(offset, offset + size);
      offset += size;
    }
  }
}

function chunkOffset(chunks: Uint8Array, chunk: number, isLong: boolean): number {
  if (!isLong) return uintAt(chunks, 8 + chunk * 4, 4);
  return uintAt(chunks, 8 + chunk * 8, 4) * 2 ** 32 + uintAt(chunks, 12 + chunk * 8, 4);
}
