/** The wall clock of a time zone. */
export interface Zone {
  /** Minutes since local midnight, 0 to 1439. */
  minuteOfDay(at: Date): number;
}

const minuteMs = 60_000;

/** The zone of an IANA name; null: it is unknown. Costs some 50 us, so what asks often keeps it. */
export function zoneOf(timeZone: string): Zone | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  const localMinutes = (at: Date): number => {
    const field: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const part of format.formatToParts(at)) field[part.type] = Number(part.value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = field;
    return Date.UTC(year, month - 1, day, hour, minute) / minuteMs;
  };
  return {
    minuteOfDay: (at) => localMinutes(at) % 1440,
  };
}
