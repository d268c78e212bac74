/** A LIKE pattern for texts that contain `text` itself: its own wildcards are escaped. */
export function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
