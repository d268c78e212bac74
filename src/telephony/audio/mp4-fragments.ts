import { uintAt } from './bytes.ts';
import { bodyOf, findBox, type Mp4Box, readBoxes } from './mp4-boxes.ts';
import { largestFrameBytes } from './mp4-tables.ts';

/** Flags of `tfhd` and `trun` (ISO 14496-12 8.8.7, 8.8.8): which of the optional fields follow. */
const tfhdFlags = { baseOffset: 0x01, description: 0x02, duration: 0x08, size: 0x10 };
const trunFlags = { offset: 0x001, firstFlags: 0x004, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 };

/** The frames of a track that comes in movie fragments (`moof`). Ends where the file does, or a frame makes no sense. */
export function* readFragmentFrames(bytes: Uint8Array, moov: Mp4Box, trak: Mp4Box): Generator<Uint8Array> {
  const trackId = trackIdOf(bytes, trak);
  const usualSize = defaultSizeOf(bytes, moov, trackId);
  for (const moof of readBoxes(bytes, 0, bytes.length)) {
    if (moof.type !== 'moof') continue;
    for (const traf of readBoxes(bytes, moof.bodyStart, moof.end)) {
      const tfhd = traf.type === 'traf' ? bodyOf(bytes, findBox(bytes, traf, 'tfhd')) : null;
      if (tfhd === null || uintAt(tfhd, 4, 4) !== trackId) continue;
      const header = readHeader(tfhd, { offset: moof.start, size: usualSize });
      for (const box of readBoxes(bytes, traf.bodyStart, traf.end)) {
        if (box.type !== 'trun') continue;
        yield* readRun(bytes, bytes.subarray(box.bodyStart, box.end), header);
      }
    }
  }
}

/** Where a fragment's offsets count from, and how large its frames are where they do not say. */
type FragmentHeader = { readonly offset: number; readonly size: number };

function readHeader(tfhd: Uint8Array, usual: FragmentHeader): FragmentHeader {
  const flags = uintAt(tfhd, 1, 3);
  let at = 8;
  let { offset, size } = usual;
  if (flags & tfhdFlags.baseOffset) {
    offset = uintAt(tfhd, at, 4) * 2 ** 32 + uintAt(tfhd, at + 4, 4);
    at += 8;
  }
  if (flags & tfhdFlags.description) at += 4;
  if (flags & tfhdFlags.duration) at += 4;
  if (flags & tfhdFlags.size) size = uintAt(tfhd, at, 4);
  return { offset, size };
}

function* readRun(bytes: Uint8Array, trun: Uint8Array, header: FragmentHeader): Generator<Uint8Array> {
  const flags = uintAt(trun, 1, 3);
  const count = uintAt(trun, 4, 4);
  let at = 8;
  let offset = header.offset;
  if (flags & trunFlags.offset) {
    offset += uintAt(trun, at, 4) | 0;
    at += 4;
  }
  if (flags & trunFlags.firstFlags) at += 4;
  for (let index = 0; index < count; index += 1) {
    if (flags & trunFlags.duration) at += 4;
    const size = flags & trunFlags.size ? uintAt(trun, at, 4) : header.size;
    if (flags & trunFlags.size) at += 4;
    if (flags & trunFlags.flags) at += 4;
    if (flags & trunFlags.composition) at += 4;
    if (size === 0 || size > largestFrameBytes || offset < 0 || offset + size > bytes.length) return;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

function trackIdOf(bytes: Uint8Array, trak: Mp4Box): number {
  const tkhd = bodyOf(bytes, findBox(bytes, trak, 'tkhd'));
  return tkhd === null ? 0 : uintAt(tkhd, tkhd[0] === 1 ? 20 : 12, 4);
}

function defaultSizeOf(bytes: Uint8Array, moov: Mp4Box, trackId: number): number {
  const mvex = findBox(bytes, moov, 'mvex');
  if (mvex === null) return 0;
  for (const trex of readBoxes(bytes, mvex.bodyStart, mvex.end)) {
    const body = bytes.subarray(trex.bodyStart, trex.end);
    if (trex.type === 'trex' && uintAt(body, 4, 4) === trackId) return uintAt(body, 16, 4);
  }
  return 0;
}
