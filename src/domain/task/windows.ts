import { BugError } from '../../lib/errors.ts';
import type { SendWindow } from './submission.ts';

/** Whether `now` is inside a window in `timeZone`. No windows: always. An unknown zone: never. A window holds from its start minute up to, not including, its end minute; equal ends mean the whole day. */
export function isInsideWindows(now: Date, windows: readonly SendWindow[], timeZone: string): boolean {
  throw new BugError(`not written yet ${now} ${windows} ${timeZone}`);
}
/** When calls may be made next: `now` itself when inside; null for an unknown zone. */
export function nextOpening(now: Date, windows: readonly SendWindow[], timeZone: string): Date | null {
  throw new BugError(`not written yet ${now} ${windows} ${timeZone}`);
}
