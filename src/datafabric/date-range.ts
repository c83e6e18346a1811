import { AppError, type ErrorDetail } from '../errors/app-error.js';

/** A half-open span of time: `from` is inclusive, `until` exclusive. */
export interface DateRange {
  readonly from?: Date;
  readonly until?: Date;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const SHAPE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

const DAY_MS = 86_400_000;
// The latest time that a literal can express; 9999-12-31 is often used for "no end".
const LAST_INSTANT = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The span of a request's `startDate` and `endDate`. A date is the whole day in UTC; an ISO
 * date-time is in UTC unless it has a zone, and covers its last stated unit: an end of
 * `…T23:59:59` includes that whole second.
 * @throws AppError VALIDATION_FAILED, naming the field
 */
export function dateRange(startDate?: string, endDate?: string): DateRange {
  const start = startDate === undefined ? undefined : spanOf(startDate);
  const end = endDate === undefined ? undefined : spanOf(endDate);
  const details: ErrorDetail[] = [];
  const message = 'must be a real date (YYYY-MM-DD) or ISO date-time between 1900 and 9999';
  if (start === null) details.push({ field: 'startDate', message });
  if (end === null) details.push({ field: 'endDate', message });
  if (start && end && start.start >= end.end) {
    details.push({ field: 'startDate', message: 'must not be after endDate' });
  }
  if (details.length > 0) throw new AppError('VALIDATION_FAILED', undefined, { details });
  return {
    ...(start && { from: new Date(start.start) }),
    ...(end && { until: new Date(Math.min(end.end, LAST_INSTANT)) }),
  };
}

/** The span of one text, `end` exclusive, in epoch milliseconds; null if it is not a valid time. */
function spanOf(text: string): Span | null {
  const match = SHAPE.exec(text.trim());
  if (!match) return null;
  const [, year = '', month = '', day = '', hour, minute, second, fraction, zone] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC turns 30 February into a date in March: a date that comes back changed doesn't exist.
  const real = new Date(midnight).toISOString().startsWith(`${year}-${month}-${day}`);
  if (!real || Number(year) < 1900) return null;
  if (hour === undefined || minute === undefined)
    return { start: midnight, end: midnight + DAY_MS };

  const offset = offsetMinutes(zone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null;
  if (offset === null) return null;
  const millis = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const start =
    midnight +
    (Number(hour) * 60 + Number(minute) - offset) * 60_000 +
    Number(second ?? 0) * 1000 +
    millis;
  return start > LAST_INSTANT ? null : { start, end: start + unitOf(second, fraction) };
}

function unitOf(second: string | undefined, fraction: string | undefined): number {
  if (second === undefined) return 60_000;
  // A finer fraction is rounded down to its millisecond, so a millisecond covers it.
  return fraction === undefined ? 1000 : Math.max(1, 10 ** (3 - fraction.length));
}

function offsetMinutes(zone = 'Z'): number | null {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
