/** Bit rates of layer III in kbit/s by index, MPEG-1 and MPEG-2/2.5 (ISO 11172-3 2.4.2.3, ISO 13818-3 2.4.2.3). 0: free format, -1: forbidden. */
const bitRates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, -1];
const bitRates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, -1];
const sampleRates1 = [44_100, 48_000, 32_000];

/** How far into the file (after an ID3 tag) the first frame is looked for. */
const searchBytes = 65_536;
const framesInRow = 3;

type Frame = { readonly version: number; readonly sampleRate: number; readonly bytes: number };

/** Offset of the first of three MPEG layer III frames in a row (or of fewer that end with the file); null: this is not an mp3 file. */
export function findMp3Start(bytes: Uint8Array): number | null {
  const first = id3Length(bytes);
  const last = Math.min(bytes.length - 4, first + searchBytes);
  for (let offset = first; offset <= last; offset += 1) {
    if (bytes[offset] === 0xff && isFrameRun(bytes, offset)) return offset;
  }
  return null;
}

/** The length of an ID3v2 tag at the beginning, its size in 7-bit bytes; 0: there is none. */
export function id3Length(bytes: Uint8Array): number {
  if (bytes[0] !== 0x49 || bytes[1] !== 0x44 || bytes[2] !== 0x33) return 0;
  let size = 0;
  for (let offset = 6; offset < 10; offset += 1) size = (size << 7) | ((bytes[offset] ?? 0) & 0x7f);
  return 10 + size;
}

function isFrameRun(bytes: Uint8Array, start: number): boolean {
  let offset = start;
  let first: Frame | null = null;
  for (let count = 0; count < framesInRow; count += 1) {
    const frame = frameAt(bytes, offset);
    if (frame === null) return false;
    if (first !== null && (frame.version !== first.version || frame.sampleRate !== first.sampleRate)) return false;
    first ??= frame;
    offset += frame.bytes;
    if (offset === bytes.length) return true;
  }
  return true;
}

function frameAt(bytes: Uint8Array, offset: number): Frame | null {
  const second = bytes[offset + 1] ?? 0;
  const third = bytes[offset + 2] ?? 0;
  if (bytes[offset] !== 0xff || (second & 0xe0) !== 0xe0) return null;
  const version = (second >> 3) & 3;
  const isLayer3 = ((second >> 1) & 3) === 1;
  const baseRate = sampleRates1[(third >> 2) & 3];
  if (version === 1 || !isLayer3 || baseRate === undefined) return null;
  const isMpeg1 = version === 3;
  const kbps = (isMpeg1 ? bitRates1 : bitRates2)[third >> 4] ?? -1;
  if (kbps <= 0) return null;
  const sampleRate = baseRate / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const padding = (third >> 1) & 1;
  return { version, sampleRate, bytes: Math.floor(((isMpeg1 ? 144_000 : 72_000) * kbps) / sampleRate) + padding };
}
