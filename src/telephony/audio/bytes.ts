/** Whether `text`, one byte a character, stands at `offset`. */
export function asciiAt(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Big-endian, unsigned. Past the end there are zeros. */
export function uintAt(bytes: Uint8Array, offset: number, length: 1 | 2 | 3 | 4): number {
  let value = 0;
  for (let index = 0; index < length; index += 1) value = value * 256 + (bytes[offset + index] ?? 0);
  return value;
}
