import type { mongo } from 'mongoose';
import type { SyncConfig } from '../models/sync-config.js';

/** A configuration as the answers show it: what is not set yet is null, so that it can be seen. */
export function configView({
  initialSyncAskedAt: _,
  ...config
}: mongo.WithId<SyncConfig>): Record<string, unknown> {
  return {
    lastSyncDate: null,
    lastSyncStatus: null,
    lastSyncJobId: null,
    watermark: null,
    nextRunAt: null,
    ...config,
    _id: String(config._id),
  };
}

/** The fields of a configuration's answer that only runs change: a PUT may carry them along. */
export const READ_ONLY_FIELDS = [
  '_id',
  '__v',
  'id',
  'createdAt',
  'updatedAt',
  'lastSyncDate',
  'lastSyncStatus',
  'lastSyncJobId',
  'lastRunStartTime',
  'watermark',
  'scopeHash',
  'shapeHash',
  'sourceHash',
  'deleteFlag',
  'lakeObject',
  'columnNames',
  'listedKinds',
  'totalsRefusedAt',
  'objectAskedAt',
  'epoch',
  'rebuilding',
  'initialSyncAskedAt',
  'emptyWarehouses',
  'leftovers',
  'failureCount',
  'pausedReason',
  'nextRunAt',
] as const;
