import type { SyncConfig, SyncConfigSettings } from '../models/sync-config.js';
import { scopeHash } from '../tables/registry.js';
import type { TableDefinition } from '../tables/table.js';

/** The configuration of a table for which nobody has set anything. */
export function defaultSettings(table: TableDefinition): SyncConfigSettings {
  return {
    tableId: table.tableId,
    tableName: table.tableName,
    description: table.description,
    enabled: true,
    syncFrequency: table.syncFrequency,
    initialSync: true,
    batchSize: 3_000,
    maxRecords: 0,
    lookbackMinutes: 30,
    maxWorkers: 1,
    reconcileFrequency: 1_440,
    reconcileRepair: false,
    options: {},
  };
}

export function newConfig(settings: SyncConfigSettings): SyncConfig {
  const now = new Date();
  return {
    ...settings,
    scopeHash: scopeHash(settings.options.whseid),
    initialSyncAskedAt: now,
    failureCount: 0,
    createdAt: now,
    updatedAt: now,
  };
}
