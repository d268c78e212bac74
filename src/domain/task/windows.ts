import { type Zone, zoneOf } from '../account/zone.ts';
import type { SendWindow } from './submission.ts';

/**
 * Whether `now` is inside a window. No windows: always. An unknown zone: never, because calling at night is worse than not calling.
 * A window holds from its start minute up to, not including, its end minute; equal ends mean the whole day.
 */
export function isInsideWindows(now: Date, windows: readonly SendWindow[], zone: Zone | string | null): boolean {
  const known = typeof zone === 'string' ? zoneOf(zone) : zone;
  if (!known) return false;
  return windows.length === 0 || holds(known.minuteOfDay(now), windows);
}

function holds(minute: number, windows: readonly SendWindow[]): boolean {
  return windows.some((window) => {
    const start = minuteOf(window.start);
    const end = minuteOf(window.end);
    return start < end ? minute >= start && minute < end : minute >= start || minute < end;
  });
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}
