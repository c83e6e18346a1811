import type { mongo } from 'mongoose';
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

/**
 * A change as one pipeline, so that settings and what rests on them can't part: where the
 * warehouses differ, what had been read says nothing any more; and where everything is to be
 * read anew, the rest of an earlier run is not enough.
 * @param options.isWhole it has all settings. Any other change leaves a configuration of an earlier
 *   version one, which starts refuse: it lacks settings that a run needs.
 */
export function changeConfig(
  chosen: Partial<SyncConfigSettings>,
  { isWhole = false } = {},
): mongo.Document[] {
  const fields = Object.entries(chosen).map(([name, value]) => [name, { $literal: value }]);
  const hash = chosen.options && scopeHash(chosen.options.whseid);
  const isEarlier = { $eq: [{ $type: '$scopeHash' }, 'missing'] };
  const scope = isWhole ? hash : { $cond: [isEarlier, '$$REMOVE', hash] };
  const set = { ...Object.fromEntries(fields), ...(hash && { scopeHash: scope }) };
  const sameScope = hash === undefined ? true : { $eq: ['$scopeHash', hash] };
  const goesOn = chosen.initialSync ? { $and: [sameScope, '$initialSync'] } : sameScope;
  const keepIf = (condition: unknown, field: string) => ({
    $cond: [condition, `$${field}`, '$$REMOVE'],
  });
  const asked = chosen.initialSync && { initialSyncAskedAt: '$$NOW', emptyWarehouses: '$$REMOVE' };
  return [
    {
      $set: {
        watermark: keepIf(sameScope, 'watermark'),
        leftovers: keepIf(goesOn, 'leftovers'),
        emptyWarehouses: keepIf(sameScope, 'emptyWarehouses'),
      },
    },
    { $set: { ...set, ...asked, updatedAt: '$$NOW' } },
  ];
}
