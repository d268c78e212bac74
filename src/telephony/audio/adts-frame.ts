/** An ADTS frame (ISO 13818-7 6.2): 7 bytes of header or 9, then at most 8 kB. */
const headerBytes = 7;

/** How far into the file (after an ID3 tag) the first frame is looked for. */
const searchBytes = 65_536;
const framesInRow = 3;

/** Offset of the first of three ADTS frames in a row (or of fewer that end with the file), from `first` on; null: this is no AAC stream. */
export function findAdtsStart(bytes: Uint8Array, first: number): number | null {
  const last = Math.min(bytes.length - headerBytes, first + searchBytes);
  for (let offset = first; offset <= last; offset += 1) {
    if (bytes[offset] === 0xff && isFrameRun(bytes, offset)) return offset;
  }
  return null;
}

/** The whole frames from `start` on; what is between frames is skipped. */
export function* readAdtsFrames(bytes: Uint8Array, start: number): Generator<Uint8Array> {
  let offset = start;
  while (offset + headerBytes <= bytes.length) {
    const length = frameLength(bytes, offset);
    if (length === null || offset + length > bytes.length) {
      offset += 1;
      continue;
    }
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
}

function isFrameRun(bytes: Uint8Array, start: number): boolean {
  let offset = start;
  for (let count = 0; count < framesInRow; count += 1) {
    const length = frameLength(bytes, offset);
    if (length === null) return false;
    offset += length;
    if (offset === bytes.length) return true;
  }
  return true;
}

/** null: there is no frame at `offset`. */
function frameLength(bytes: Uint8Array, offset: number): number | null {
  const [sync = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = bytes.subarray(offset, offset + 6);
  // Twelve ones, MPEG-2 or 4, layer 0; a sampling frequency that exists.
  if (sync !== 0xff || (second & 0xf6) !== 0xf0 || ((third >> 2) & 0x0f) > 12) return null;
  const length = ((fourth & 0x03) << 11) | (fifth << 3) | (sixth >> 5);
  return length > headerBytes ? length : null;
}
