import type { mongo } from 'mongoose';
import type { Refusal } from '../../models/refusal.js';
import { NO_RECORDS, type SyncHistory } from '../../models/sync-history.js';

/** The entry of a table's refused start, which is updated for as long as the refusal lasts. */
export type RefusedStart = Pick<SyncHistory, 'tableId' | 'tableName'> & Omit<Refusal, 'source'>;

/** Fields of an entry as they are stored; null removes one. */
export type Correction = { readonly [K in keyof SyncHistory]?: unknown };

/** The update of a refused start's entry. Its time is the last refusal's, so that it is listed first. */
export function refusalUpdate({
  tableId,
  tableName,
  historyId,
  error,
  errorCode,
  errorDetails,
  since,
  lastTime,
  count,
}: RefusedStart): mongo.UpdateFilter<SyncHistory> {
  const latest = {
    status: 'failed' as const,
    outcome: 'failed' as const,
    error,
    errorCode,
    errorDetails,
    updatedAt: lastTime,
  };
  // Of concurrent refusals the latest wins, in whatever order they arrive.
  const newest = {
    startTime: lastTime,
    endTime: lastTime,
    'refusal.lastTime': lastTime,
    'refusal.count': count,
  };
  const fixed = {
    tableId,
    tableName,
    // There is no job, but earlier frontends expect an id.
    syncJobId: String(historyId),
    durationMs: 0,
    ...NO_RECORDS,
    options: {},
    'refusal.since': since,
    createdAt: since,
  };
  // The driver's types don't know the fields within `refusal`.
  return { $set: latest, $max: newest, $setOnInsert: fixed } as mongo.UpdateFilter<SyncHistory>;
}

/** The update that makes a correction; one of the duration removes the forms of earlier versions. */
export function correctionUpdate(correction: Correction): mongo.UpdateFilter<SyncHistory> {
  // The fields in which an earlier version has stored the duration.
  const replaced = 'durationMs' in correction ? { duration: null, durationUnit: null } : {};
  const entries = Object.entries({ ...replaced, ...correction });
  const set = entries.filter(([, value]) => value !== null);
  const gone = entries.filter(([, value]) => value === null);
  return {
    $set: Object.fromEntries(set),
    ...(gone.length > 0 && {
      $unset: Object.fromEntries(gone.map(([name]) => [name, '' as const])),
    }),
  };
}
