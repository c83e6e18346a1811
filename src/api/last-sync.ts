import { errorView } from '../errors/error-fields.js';
import { durationView } from '../models/duration.js';
import { entryDurationMs, presentEntry } from '../models/earlier-record.js';
import type { SyncHistory } from '../models/sync-history.js';

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
