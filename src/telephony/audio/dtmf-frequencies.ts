/** The keypad of ITU-T Q.23: each key is one tone of the low group (its row) and one of the high group (its column). */

export const lowFrequencies = [697, 770, 852, 941] as const;
export const highFrequencies = [1209, 1336, 1477, 1633] as const;

const keypad = '123A456B789C*0#D';

/** The key of a row and a column, 0 to 3 each. */
export function keyAt(row: number, column: number): string {
  return keypad[row * 4 + column] ?? '';
}

/** The two tones of a key `0-9 * # A-D`; null: it is none. */
export function tonesOf(key: string): { readonly lowHz: number; readonly highHz: number } | null {
  const index = key.length === 1 ? keypad.indexOf(key) : -1;
  const lowHz = lowFrequencies[index >> 2];
  const highHz = highFrequencies[index & 3];
  return index === -1 || lowHz === undefined || highHz === undefined ? null : { lowHz, highHz };
}
