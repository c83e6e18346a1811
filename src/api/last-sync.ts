import type { mongo } from 'mongoose';
import { native } from '../db/native.js';
import { errorView } from '../errors/error-fields.js';
import { durationView } from '../models/duration.js';
import { entryDurationMs, presentEntry } from '../models/earlier-record.js';
import type { Models } from '../models/index.js';
import type { SyncHistory } from '../models/sync-history.js';

/** Of those that have ended, the one that began last. */
export async function lastRun(
  { history }: Models,
  table: string,
): Promise<[string, SyncHistory | undefined]> {
  const ended = { tableId: table, status: { $in: ['completed', 'failed'] } };
  const sort = { startTime: -1, _id: -1 } as const;
  const entry = await native(history).findOne(ended as mongo.Filter<SyncHistory>, { sort });
  return [table, entry ?? undefined];
}

/** The table's last run as its statistics show it. */
export function lastSyncView(entry: SyncHistory) {
  const { _id, status, startTime, endTime, recordsProcessed, syncJobId } = presentEntry(entry);
  const ms = entryDurationMs(entry) ?? msBetween(startTime, endTime);
  return {
    date: endTime ?? startTime,
    status,
    recordsProcessed,
    ...durationView(ms),
    historyId: String(_id),
    jobId: syncJobId,
    ...errorView(entry),
  };
}

function msBetween(start: Date, end: Date | undefined): number {
  return end ? Math.max(0, end.getTime() - start.getTime()) : 0;
}
