import type { Answer } from '../http/endpoint.js';
import { entityTag } from '../http/entity-tag.js';
import { timeOf, withoutNulls } from '../models/earlier-record.js';
import { revisionOf } from '../models/revision.js';
import { type SyncConfigSettings, syncConfigSchema } from '../models/sync-config.js';
import type { StoredConfig } from '../store/configs.js';

/** The answer that is one configuration. */
export function configAnswer(config: StoredConfig): Pick<Answer, 'body' | 'headers'> {
  return { body: configView(config), headers: { ETag: entityTag(revisionOf(config)) } };
}

/** A configuration as the answers show it: what is not set yet is null, so that it can be seen. */
export function configView({
  initialSyncAskedAt: _,
  changeId: _c,
  lakeKinds: _k,
  ...config
}: StoredConfig): Record<string, unknown> {
  return {
    lastSyncDate: null,
    lastSyncStatus: null,
    lastSyncJobId: null,
    watermark: null,
    nextRunAt: null,
    lastReconcileAt: null,
    reconcileFrequency: 0,
    reconcileRepair: false,
    ...withoutNulls(config),
    ...('lastSyncDate' in config && { lastSyncDate: timeOf(config.lastSyncDate) ?? null }),
    revision: revisionOf(config),
    // Mongoose, which an earlier version stored it with, leaves out an object without fields.
    options: config.options ?? {},
    _id: String(config._id),
  };
}

/** What a user sets: any other field of a configuration only runs change. */
const SETTINGS = {
  tableId: true,
  tableName: true,
  description: true,
  enabled: true,
  syncFrequency: true,
  initialSync: true,
  batchSize: true,
  maxRecords: true,
  lookbackMinutes: true,
  maxWorkers: true,
  reconcileFrequency: true,
  reconcileRepair: true,
  options: true,
} as const satisfies Record<keyof SyncConfigSettings, true>;

/** A PUT may carry them along. */
export const READ_ONLY_FIELDS = ['id', '__v', ...Object.keys(syncConfigSchema.paths)].filter(
  (name) => !Object.hasOwn(SETTINGS, name),
);
