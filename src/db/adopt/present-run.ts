import type { mongo } from 'mongoose';
import { errorView } from '../../errors/error-fields.js';
import { durationMsOf } from '../../models/duration.js';

/** What is to be set, by field; null takes a field away. */
export type Change = Record<string, unknown>;

const isObject = { $type: ['object', 'array'] };

/** Records whose error is no text, or whose duration is not known in milliseconds. */
export const ENTRY_BEFORE: mongo.Filter<mongo.Document> = {
  $or: [{ error: isObject }, { duration: { $type: 'number' }, durationMs: { $exists: false } }],
};
export const JOB_BEFORE: mongo.Filter<mongo.Document> = {
  $or: [
    { error: isObject },
    { 'finishing.error': isObject },
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
  if (typeof duration !== 'number' || durationMs !== undefined) return {};
  const ms = { durationMs: durationMsOf({ duration }, inSeconds) ?? 0 };
  return inSeconds ? { ...ms, durationUnit: 's' } : { ...ms, duration: null };
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
