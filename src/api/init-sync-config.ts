import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { Change, Endpoint } from '../http/endpoint.js';
import type { Models } from '../models/index.js';
import type { SyncConfig } from '../models/sync-config.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import { ensureCriticalIndexes } from '../store/indexes.js';
import type { TableDefinition } from '../tables/table.js';
import { difference, recordChanges } from './audit.js';
import { changeConfig, defaultSettings, newConfig } from './config-document.js';
import { configView } from './config-view.js';
import { withoutBlanks } from './forgiving.js';
import { method, type Services } from './services.js';
import { SETTING_NAMES } from './sync-config.js';

const body = withoutBlanks(
  z.strictObject({
    /** Existing configurations get the default settings too; what was synced stays known. */
    force: z.boolean({ error: 'must be true or false' }).optional(),
  }),
);

export const initSyncConfig: Endpoint<Services> = {
  name: 'init-sync-config',
  methods: {
    POST: method({
      access: 'write',
      body,
      async handle(call) {
        const { body, services } = call;
        const { models, tables, clock } = await services();
        await ensureCriticalIndexes(await models(), { clock });
        const configs = native((await models()).configs);
        const before = await withRetry(() => configs.find({}).toArray(), { clock });
        if (body.force) await reset(configs, tables.all, clock);
        const created = await withRetry(() => configs.bulkWrite(tables.all.map(create)), { clock });
        const all = await withRetry(() => configs.find({}).sort({ tableId: 1 }).toArray(), {
          clock,
        });
        await recordChanges(call, changesOf(before, all));
        const existingCount = all.length - created.upsertedCount;
        if (created.upsertedCount === 0 && !body.force) {
          return { body: { message: 'The configurations exist already', existingCount } };
        }
        const message = body.force ? 'Configurations reset to defaults' : 'Configurations created';
        return {
          body: { message, count: all.length, existingCount, configs: all.map(configView) },
        };
      },
    }),
  },
};

function changesOf(before: readonly SyncConfig[], after: readonly SyncConfig[]): Change[] {
  const known = new Map(before.map((config) => [config.tableId, config]));
  return after.flatMap((config) => {
    const { tableId } = config;
    const stored = known.get(tableId);
    const change = difference(stored ?? {}, config, SETTING_NAMES);
    const action = stored ? 'config.reset' : 'config.create';
    return change ? [{ action, target: tableId, tableId, ...change }] : [];
  });
}

function create(table: TableDefinition): mongo.AnyBulkWriteOperation<SyncConfig> {
  const { tableId } = table;
  const update = { $setOnInsert: newConfig(defaultSettings(table)) };
  return { updateOne: { filter: { tableId }, update, upsert: true } };
}

/**
 * Gives a table its default configuration, unless it has one.
 * @returns what the audit is to say of it
 * @throws AppError MONGODB_*
 */
export async function createDefault(
  { models, clock }: { readonly models: Models; readonly clock: Services['clock'] },
  table: TableDefinition,
): Promise<Change[]> {
  await ensureCriticalIndexes(models, { clock });
  const configs = native(models.configs);
  const { upsertedCount } = await withRetry(() => configs.bulkWrite([create(table)]), { clock });
  return upsertedCount > 0 ? changesOf([], [newConfig(defaultSettings(table))]) : [];
}

/** Back to the default settings. What was synced stays known: that is no setting. */
async function reset(
  configs: mongo.Collection<SyncConfig>,
  tables: readonly TableDefinition[],
  clock: Services['clock'],
): Promise<void> {
  for (const table of tables) {
    const { initialSync: _, ...settings } = defaultSettings(table);
    const change = changeConfig(settings, { isWhole: true });
    await withRetry(() => configs.updateOne({ tableId: table.tableId }, change), { clock });
  }
}
