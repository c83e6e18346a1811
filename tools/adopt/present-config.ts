import type { mongo } from 'mongoose';
import { z } from 'zod';
import { defaultSettings, newConfig } from '../../src/api/config-document.js';
import { syncConfig } from '../../src/api/sync-config.js';
import { timeOf } from '../../src/models/earlier-record.js';
import type { SyncConfigSettings, SyncConfigState } from '../../src/models/sync-config.js';
import type { ConfigOf } from './step.js';

const KEPT = [
  'tableName',
  'description',
  'enabled',
  'syncFrequency',
  'batchSize',
  'maxRecords',
] as const satisfies readonly (keyof SyncConfigSettings)[];

/**
 * An earlier version's configuration in the present form: each setting as it is, as far as
 * PUT sync-config would take it, else as by default. When it was last synced is shown, but
 * says nothing about what has been read: the next run is a full one.
 */
export const presentConfig: ConfigOf = (table, earlier) => {
  const { tableId } = table;
  const dropped: string[] = [];
  const take = (name: string, change: object): object => {
    const valid = accepted(tableId, change);
    if (!valid) dropped.push(name);
    return valid ?? {};
  };
  const settings = KEPT.filter((name) => isSet(earlier[name])).map((name) =>
    take(name, { [name]: earlier[name] }),
  );
  const options = entriesOf(earlier.options).map(([name, value]) => {
    const taken: { options?: object } = take(`options.${name}`, { options: { [name]: value } });
    return taken.options;
  });
  const kept = { ...Object.assign({}, ...settings), options: Object.assign({}, ...options) };
  const createdAt = timeOf(earlier.createdAt);
  return {
    config: {
      // An upgrade adds no work to the lake that nobody asked for.
      ...newConfig({ ...defaultSettings(table), reconcileFrequency: 0, ...kept, tableId }),
      ...lastSyncOf(earlier),
      ...(createdAt && { createdAt }),
    },
    dropped,
  };
};

const change = z.record(z.string(), z.unknown());

/** What PUT sync-config makes of a change, or undefined where it refuses. */
function accepted(tableId: string, settings: object): Partial<SyncConfigSettings> | undefined {
  const result = syncConfig.methods.PUT?.body?.safeParse({ tableId, ...settings });
  return result?.success ? change.parse(result.data) : undefined;
}

function lastSyncOf(earlier: mongo.Document): Partial<SyncConfigState> {
  const { lastSyncStatus, lastSyncJobId } = earlier;
  const lastSyncDate = timeOf(earlier.lastSyncDate);
  return {
    ...(lastSyncDate && { lastSyncDate }),
    ...(['completed', 'failed'].includes(lastSyncStatus) && { lastSyncStatus }),
    ...(isSet(lastSyncJobId) && { lastSyncJobId: String(lastSyncJobId) }),
  };
}

const isSet = (value: unknown) => value !== undefined && value !== null;

function entriesOf(options: unknown): [string, unknown][] {
  return typeof options === 'object' && options !== null
    ? Object.entries(options).filter(([, value]) => isSet(value))
    : [];
}
