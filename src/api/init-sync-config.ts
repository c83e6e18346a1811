import { z } from 'zod';
import type { Change, Endpoint } from '../http/endpoint.js';
import type { SyncConfig } from '../models/sync-config.js';
import type { Store } from '../store/store.js';
import type { TableDefinition } from '../tables/table.js';
import { difference, recordChanges } from './audit.js';
import { defaultSettings, newConfig } from './config-document.js';
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
        const { store, tables } = await services();
        const opened = await store();
        await opened.ensureCriticalIndexes();
        const { configs } = opened;
        const before = await configs.list();
        for (const table of body.force ? tables.all : []) {
          const { initialSync: _, ...settings } = defaultSettings(table);
          await configs.replaceSettings(table.tableId, settings);
        }
        const createdCount = await configs.createMissing(tables.all.map(defaultConfig));
        const all = await configs.list();
        await recordChanges(call, changesOf(before, all));
        const existingCount = all.length - createdCount;
        if (createdCount === 0 && !body.force) {
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

function defaultConfig(table: TableDefinition): SyncConfig {
  return newConfig(defaultSettings(table));
}

/**
 * Gives a table its default configuration, unless it has one.
 * @returns what the audit is to say of it
 * @throws AppError MONGODB_*
 */
export async function createDefault(store: Store, table: TableDefinition): Promise<Change[]> {
  await store.ensureCriticalIndexes();
  const config = defaultConfig(table);
  return (await store.configs.createMissing([config])) > 0 ? changesOf([], [config]) : [];
}
