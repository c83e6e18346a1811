const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d)?)?$/;
// As the lake sends nearly every date. Date.parse reads these twice as fast, but takes a 31st of
// June for the 1st of July: days beyond the 28th go the long way.
const USUAL = /^\d{4}-\d\d-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3]):\d\d:\d\d\.\d{3}Z$/;
const MINUTE_MS = 60_000;

export type DateProblem = 'date_invalid' | 'date_too_fine';

/**
 * A date's text as epoch milliseconds. Without a zone it is UTC, as the lake's dates are.
 * @returns the problem's name if it is no date of the calendar, or finer than a millisecond
 * (a Date would cut it off)
 */
export function epochMs(text: string): number | DateProblem {
  const micros = epochMicros(text);
  if (typeof micros === 'string') return micros;
  return micros.finer ? 'date_too_fine' : micros.ms;
}

/** The same, cut to the millisecond: for the lake's index time, which only orders versions. */
export function epochMsFloor(text: string): number | DateProblem {
  const micros = epochMicros(text);
  return typeof micros === 'string' ? micros : micros.ms;
}

function epochMicros(text: string): { ms: number; finer: boolean } | DateProblem {
  if (USUAL.test(text)) {
    const ms = Date.parse(text);
    return Number.isNaN(ms) ? 'date_invalid' : { ms, finer: false };
  }
  const parts = ISO.exec(text);
  if (!parts) return 'date_invalid';
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = parts;
  const time = Date.UTC(2000, 0, 1, Number(hour), Number(minute), Number(second));
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return 'date_invalid';

  // Date.UTC reads the years 0–99 as 1900–1999, setUTCFullYear does not.
  const date = new Date(time);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    return 'date_invalid';
  }
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const finer = Number(fraction.slice(3)) > 0;
  return { ms: date.getTime() + ms - offsetMs(zone), finer };
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * MINUTE_MS;
}
