import { type Zone, zoneOf } from '../account/zone.ts';
import type { SendWindow } from './submission.ts';

const minuteMs = 60_000;
const dayMin = 1440;

/**
 * Whether `now` is inside a window. No windows: always. An unknown zone: never, because calling at night is worse than not calling.
 * A window holds from its start minute up to, not including, its end minute; equal ends mean the whole day.
 */
export function isInsideWindows(now: Date, windows: readonly SendWindow[], zone: Zone | string | null): boolean {
  const known = typeof zone === 'string' ? zoneOf(zone) : zone;
  if (!known) return false;
  return windows.length === 0 || holds(known.minuteOfDay(now), windows);
}

/** When calls may be made next: `now` itself when inside; null for an unknown zone. */
export function nextOpening(now: Date, windows: readonly SendWindow[], zone: Zone | string | null): Date | null {
  const known = typeof zone === 'string' ? zoneOf(zone) : zone;
  if (!known) return null;
  if (isInsideWindows(now, windows, known)) return now;
  let minute = Math.floor(now.getTime() / minuteMs);
  // Each turn ends at the next start by the wall clock or at a change of the clocks before it, which may itself land in a window.
  for (let turn = 0; turn < 8; turn += 1) {
    const local = known.minuteOfDay(atMinute(minute));
    const wait = Math.min(...windows.map((window) => (minuteOf(window.start) - local + dayMin) % dayMin || dayMin));
    minute = firstChange(known, minute, minute + wait) ?? minute + wait;
    if (holds(known.minuteOfDay(atMinute(minute)), windows)) return atMinute(minute);
  }
  return null;
}

/** The first minute in (from, to] with another offset than `from`; null: the clocks do not change. */
function firstChange(zone: Zone, from: number, to: number): number | null {
  const offset = zone.offsetMin(atMinute(from));
  if (zone.offsetMin(atMinute(to)) === offset) return null;
  let before = from;
  let after = to;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offsetMin(atMinute(middle)) === offset) before = middle;
    else after = middle;
  }
  return after;
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

function atMinute(minute: number): Date {
  return new Date(minute * minuteMs);
}
