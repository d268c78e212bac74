import { asciiAt } from './bytes.ts';

/** One page of an Ogg file (RFC 3533). */
export type OggPage = {
  /** Which of the file's streams it belongs to. */
  readonly serial: number;
  /** It begins in the middle of a packet that the page before did not finish. */
  readonly isContinued: boolean;
  readonly isFirst: boolean;
  /** Where its last whole packet ends, in the codec's own unit; null: no packet ends on this page. */
  readonly granule: number | null;
  /** Where the page begins and ends in the file. */
  readonly start: number;
  readonly end: number;
  readonly bodyStart: number;
  /** Lengths of the body's segments, 0 to 255 each; a packet goes on while they are 255. */
  readonly lacing: Uint8Array;
};

/** A stream of an Ogg file. */
export type OggStream = {
  readonly bytes: Uint8Array;
  readonly serial: number;
  /** Its first packet, which says what it is. */
  readonly header: Uint8Array;
  /** Where its last page ends, in the codec's unit. */
  readonly lastGranule: number;
};

const headerBytes = 27;

/** The pages of a file in order. What is between pages is skipped; a page that is cut off by the end of the file is left out. */
export function* readOggPages(bytes: Uint8Array): Generator<OggPage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset + headerBytes <= bytes.length) {
    const page = asciiAt(bytes, offset, 'OggS') ? pageAt(view, bytes, offset) : null;
    if (page === null) {
      offset += 1;
      continue;
    }
    yield page;
    offset = page.end;
  }
}

/** null: what follows the capture pattern is not a whole page. */
function pageAt(view: DataView, bytes: Uint8Array, start: number): OggPage | null {
  const lacing = bytes.subarray(start + headerBytes, start + headerBytes + (bytes[start + 26] ?? 0));
  const bodyStart = start + headerBytes + lacing.length;
  const end = lacing.reduce((sum, length) => sum + length, bodyStart);
  if (bytes[start + 4] !== 0 || lacing.length !== bytes[start + 26] || end > bytes.length) return null;
  const flags = bytes[start + 5] ?? 0;
  const granule = view.getBigInt64(start + 6, true);
  return {
    serial: view.getUint32(start + 14, true),
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    granule: granule < 0n ? null : Number(granule),
    ...{ start, end, bodyStart, lacing },
  };
}

/** The packets of a stream, put together from its pages. A packet whose beginning or end is missing is left out. */
export function* readOggPackets({ bytes, serial }: Pick<OggStream, 'bytes' | 'serial'>): Generator<Uint8Array> {
  let pieces: Uint8Array[] | null = null;
  for (const page of readOggPages(bytes)) {
    if (page.serial !== serial) continue;
    if (!page.isContinued || pieces === null) pieces = page.isContinued ? null : [];
    let offset = page.bodyStart;
    let packetStart = offset;
    for (const length of page.lacing) {
      offset += length;
      if (length === 255) continue;
      if (pieces !== null) yield joined([...pieces, bytes.subarray(packetStart, offset)]);
      pieces = [];
      packetStart = offset;
    }
    if (packetStart < page.end) pieces?.push(bytes.subarray(packetStart, page.end));
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
