import type { mongo } from 'mongoose';
import type { Refusal } from '../../models/refusal.js';
import { NO_RECORDS, type SyncHistory } from '../../models/sync-history.js';

/** The entry of a table's refused start, which is updated for as long as the refusal lasts. */
export type RefusedStart = Pick<SyncHistory, 'tableId' | 'tableName'> & Omit<Refusal, 'source'>;

/** Fields of an entry in the form that is stored; null removes one. */
export type Correction = { readonly [K in keyof SyncHistory]?: unknown };

/** An entry stands at the refusal's last time, so that it is seen among the newest. */
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
  // Of several at a time, the last one counts in whichever order they get here.
  const newest = {
    startTime: lastTime,
    endTime: lastTime,
    'refusal.lastTime': lastTime,
    'refusal.count': count,
  };
  const fixed = {
    tableId,
    tableName,
    // There is no job; an earlier frontend reads an id all the same.
    syncJobId: String(historyId),
    durationMs: 0,
    ...NO_RECORDS,
    options: {},
    'refusal.since': since,
    createdAt: since,
  };
  // The driver's types know none of the fields within `refusal`.
  return { $set: latest, $max: newest, $setOnInsert: fixed } as mongo.UpdateFilter<SyncHistory>;
}

export function correctionUpdate(correction: Correction): mongo.UpdateFilter<SyncHistory> {
  // As another version has stored it.
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
