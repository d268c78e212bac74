import { errors } from '../../domain/error/registry.ts';
import type { Reader } from './field.ts';
import { rules } from './rule.ts';

const quarterMs = 900_000;
const firstQuarterHours = Date.UTC(1973, 0);
/** Two months of them. */
const mostQuarters = 6000;

/** Reads and writes the dialect's zone-less times in one account's time zone (contract 1.5, 15.10). */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;
  /** By quarter hour, see {@link #offsetAt}. */
  readonly #offsets = new Map<number, number>();

  /** @throws RangeError for a zone that the runtime does not know */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  /** `yyyy-MM-dd HH:mm:ss`; null stays null. */
  format(date: Date): string;
  format(date: Date | null): string | null;
  format(date: Date | null): string | null {
    return date === null
      ? null
      : new Date(date.getTime() + this.#offsetAt(date.getTime())).toISOString().slice(0, 19).replace('T', ' ');
  }

  /** ISO 8601 with the zone's offset, `yyyy-MM-ddTHH:mm:ss+08:00`, as call records have it; null stays null. */
  formatWithOffset(date: Date): string;
  formatWithOffset(date: Date | null): string | null;
  formatWithOffset(date: Date | null): string | null {
    if (date === null) return null;
    const minutes = Math.round(this.#offsetAt(date.getTime()) / 60_000);
    const hours = String(Math.trunc(Math.abs(minutes) / 60)).padStart(2, '0');
    const rest = String(Math.abs(minutes) % 60).padStart(2, '0');
    return `${this.format(date).replace(' ', 'T')}${minutes < 0 ? '-' : '+'}${hours}:${rest}`;
  }

  /** Reads a time without zone as the account's, and one with an offset as it says. */
  reader(): Reader<Date> {
    return (value, field) => {
      if (value === undefined) throw errors.badParameter(field, rules.required);
      const date = typeof value === 'string' ? this.parse(value) : null;
      if (date === null) throw errors.badParameter(field, rules.localTime);
      return date;
    };
  }

  /** null: not a time. A time that the zone skips is moved forward; of one that it has twice, the first is meant. */
  parse(value: string): Date | null {
    const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d{1,3})?(Z|[+-]\d{2}:?\d{2})?$/.exec(value);
    if (match === null) return null;
    const [, day, time, offset] = match;
    const wall = Date.parse(`${day}T${time}Z`);
    // Date.parse moves 30 February into March; such a day is refused.
    if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(`${day}T${time}`)) return null;
    if (offset !== undefined) return validDate(Date.parse(`${day}T${time}${withColon(offset)}`));
    return new Date(this.#instantOf(wall));
  }

  /** The instant whose wall clock reads `wall` (as if it were UTC). The zone's offset is probed a day to either side. */
  #instantOf(wall: number): number {
    const before = this.#offsetAt(wall - 86_400_000);
    const after = this.#offsetAt(wall + 86_400_000);
    const early = wall - Math.max(before, after);
    const late = wall - Math.min(before, after);
    if (this.#wallClock(early) === wall) return early;
    if (this.#wallClock(late) === wall) return late;
    return wall - before;
  }

  /**
   * In ms. Asking the runtime takes longer than all else that is done with a time, and a page of records has five hundred of them; but since 1973 no zone has changed its offset
   * other than at a quarter of an hour.
   */
  #offsetAt(instant: number): number {
    if (instant < firstQuarterHours) return this.#askedOffset(instant);
    const quarter = Math.floor(instant / quarterMs);
    let offset = this.#offsets.get(quarter);
    if (offset === undefined) {
      if (this.#offsets.size >= mostQuarters) this.#offsets.clear();
      offset = this.#askedOffset(instant);
      this.#offsets.set(quarter, offset);
    }
    return offset;
  }

  #askedOffset(instant: number): number {
    return this.#wallClock(instant) - Math.floor(instant / 1000) * 1000;
  }

  #wallClock(instant: number): number {
    const parts: Record<string, number> = {};
    for (const part of this.#format.formatToParts(instant)) parts[part.type] = Number(part.value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    // Not Date.UTC, which takes the years 1 to 99 for 1901 to 1999; clients send 0001-01-01 for "from the beginning".
    return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1000;
  }
}

function withColon(offset: string): string {
  return offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
}

function validDate(instant: number): Date | null {
  return Number.isNaN(instant) ? null : new Date(instant);
}
