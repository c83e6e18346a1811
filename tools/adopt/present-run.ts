import type { mongo } from 'mongoose';
import { errorView } from '../../src/errors/error-fields.js';
import { durationMsOf } from '../../src/models/duration.js';
import { timeOf } from '../../src/models/earlier-record.js';

/** What is to be set, by field; null takes a field away. */
export type Change = Record<string, unknown>;

const isObject = { $type: ['object', 'array'] };

const isText = { $type: 'string' };

/** Records whose error or times have other types, or whose duration is not known in milliseconds. */
export const ENTRY_BEFORE: mongo.Filter<mongo.Document> = {
  $or: [
    { error: isObject },
    { startTime: isText },
    { endTime: isText },
    { duration: { $type: 'number' }, durationMs: { $exists: false } },
  ],
};
export const JOB_BEFORE: mongo.Filter<mongo.Document> = {
  $or: [
    { error: isObject },
    { 'finishing.error': isObject },
    { 'stats.error': isObject },
    { 'stats.duration': { $type: 'number' }, 'stats.durationMs': { $exists: false } },
  ],
};

/** The error as a text, with its code and details beside it. */
export function presentError(record: mongo.Document): Change {
  if (typeof record.error !== 'object' || record.error === null) return {};
  return { ...errorView(record) };
}

/** The duration in milliseconds. One in seconds stays beside it, marked as what it is. */
export function presentDuration(
  { duration, durationMs }: mongo.Document,
  inSeconds: boolean,
): Change {
  const stated = durationMsOf({ duration }, inSeconds);
  const isStated = stated !== undefined || typeof duration === 'number';
  if (!isStated || durationMs !== undefined) return {};
  const ms = { durationMs: stated ?? 0 };
  return inSeconds
    ? { ...ms, duration: Number(duration), durationUnit: 's' }
    : { ...ms, duration: null };
}

/** Times that were stored as texts. One that names none is taken away; a run has a start, though. */
export function presentTimes({ startTime, endTime, createdAt, _id }: mongo.Document): Change {
  return {
    ...(typeof startTime === 'string' && {
      startTime: timeOf(startTime) ?? timeOf(createdAt) ?? _id.getTimestamp(),
    }),
    ...(typeof endTime === 'string' && { endTime: timeOf(endTime) ?? null }),
  };
}

export function within(prefix: string, change: Change): Change {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}

export function updateOf(change: Change): mongo.UpdateFilter<mongo.Document> {
  const entries = Object.entries(change);
  const set = entries.filter(([, value]) => value !== null);
  const gone = entries.filter(([, value]) => value === null).map(([name]) => [name, '']);
  return {
    ...(set.length > 0 && { $set: Object.fromEntries(set) }),
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone) }),
  };
}
