import type { Types } from 'mongoose';
import { durationMsOf, isEarlierEntry } from './duration.js';
import { EARLIER_COUNTS } from './row-counts.js';
import type { SyncHistory } from './sync-history.js';

/** A time as any version has stored it: a date, a text that names one, or epoch milliseconds. */
export function timeOf(value: unknown): Date | undefined {
  const isKnown = value instanceof Date || typeof value === 'string' || typeof value === 'number';
  const time = isKnown ? new Date(value) : undefined;
  return time && !Number.isNaN(time.getTime()) ? time : undefined;
}

/** Without the fields that are null: earlier versions stored so what was not known yet. */
export function withoutNulls<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as T;
}

/** A count as any version has stored it: a number, or its digits. */
export function countOf(value: unknown): number {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) ? count : 0;
}

/** A history entry with the types of the present version, whatever it was stored as. */
export function presentEntry<T extends SyncHistory & { readonly _id: Types.ObjectId }>(
  entry: T,
): T {
  const { startTime, endTime, createdAt, updatedAt, options, ...others } = withoutNulls(entry);
  const created = timeOf(createdAt);
  const times = {
    startTime: timeOf(startTime) ?? created ?? entry._id.getTimestamp(),
    endTime: timeOf(endTime),
    createdAt: created,
    updatedAt: timeOf(updatedAt),
  };
  const counts = EARLIER_COUNTS.map((names) => [names.entry, countOf(entry[names.entry])]);
  const known = Object.entries(times).filter(([, time]) => time !== undefined);
  // Mongoose leaves out an object without fields.
  // A time that can't be read is left out.
  return {
    ...others,
    ...entryNames(entry),
    options: options ?? {},
    ...Object.fromEntries([...known, ...counts]),
  } as T;
}

/** Of which table an entry is, and of which job; one that doesn't say stands for itself. */
export function entryNames({
  _id,
  tableId,
  tableName,
  syncJobId,
}: Readonly<Record<'_id', unknown>> &
  Readonly<Partial<Record<'tableId' | 'tableName' | 'syncJobId', unknown>>>): {
  tableName: string;
  syncJobId: string;
} {
  return {
    tableName: String(tableName ?? tableId ?? ''),
    syncJobId: String(syncJobId ?? _id),
  };
}

/** How long the run took, in milliseconds; of an earlier entry that doesn't say, by its times. */
export function entryDurationMs(entry: SyncHistory): number | undefined {
  const isEarlier = isEarlierEntry(entry);
  const stated = durationMsOf(entry, isEarlier);
  if (stated !== undefined || !isEarlier) return stated;
  const [start, end] = [timeOf(entry.startTime), timeOf(entry.endTime)];
  return start && end ? Math.max(0, end.getTime() - start.getTime()) : undefined;
}

/** The counts that every job has, of one that may have been stored without. */
export function jobCountsOf(stats: object | null | undefined): Record<string, number> {
  const stored: Readonly<Record<string, unknown>> = { ...stats };
  const names = ['totalRecords', ...EARLIER_COUNTS.map(({ job }) => job)];
  return Object.fromEntries(names.map((name) => [name, countOf(stored[name])]));
}
