import { AppError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import { dueSince, isOlderThan, isOverdue, OVERDUE_MINUTES } from '../models/freshness.js';
import { businessKey } from '../rows/key.js';
import type { Store } from '../store/store.js';
import type { TableRegistry } from '../tables/registry.js';
import { warehouseList } from '../tables/warehouses.js';
import type { Finding, Limits } from './health-check.js';
import { readSiteSettings } from './site-settings.js';

export async function freshnessCheck(store: Store, limits: Limits): Promise<Finding> {
  const { freshnessLimitMinutes: limitMinutes } = await readSiteSettings(store);
  if (limitMinutes === null) {
    const sentence = 'No limit is set for the age of the newest change (freshnessLimitMinutes).';
    return { sentence, facts: { limitMinutes, stale: [] } };
  }
  const now = new Date(limits.clock.now());
  const stale = (await store.configs.listEnabled())
    .filter(({ watermark }) => watermark === undefined || isOlderThan(watermark, limitMinutes, now))
    .map(({ tableId, watermark, lastSyncDate, lastSyncStatus }) => ({
      tableId,
      watermark: watermark ?? null,
      lastSyncDate: lastSyncDate ?? null,
      lastSyncStatus: lastSyncStatus ?? null,
    }));
  const facts = { limitMinutes, stale };
  if (stale.length > 0) throw new AnsweredError(new AppError('DATA_STALE'), facts);
  return { sentence: `Every enabled table has changes of the last ${limitMinutes} min.`, facts };
}

/** Due for longer than a pass or three, and not running: nothing starts the table. */
export async function overdueCheck(store: Store): Promise<Finding> {
  const [configs, running] = await Promise.all([
    store.configs.listScheduled(),
    store.jobs.activeTables(),
  ]);
  const overdue = configs
    .map((config) => ({ config, dueAt: dueSince(config) }))
    .filter(({ config, dueAt }) => isOverdue(dueAt, config.now))
    .filter(({ config }) => !running.includes(config.tableId))
    .map(({ config: { tableId, lastSyncDate = null }, dueAt }) => ({
      tableId,
      dueAt,
      lastSyncDate,
    }));
  const facts = { overdue, limitMinutes: OVERDUE_MINUTES };
  if (overdue.length > 0) throw new AnsweredError(new AppError('TABLES_OVERDUE'), facts);
  return { sentence: 'No table on the schedule is overdue.', facts };
}

/** A configured warehouse without any stored row is misspelled, or of another tenant. */
export async function warehouseCheck(store: Store, tables: TableRegistry): Promise<Finding> {
  const known = new Set(tables.all.map(({ tableId }) => tableId));
  const configs = (await store.configs.listEnabled()).filter(
    // Before its first run ends a table has no rows anyway.
    ({ tableId, watermark }) => known.has(tableId) && watermark !== undefined,
  );
  const pairs = configs.flatMap(({ tableId, options }) =>
    (warehouseList(options?.whseid) ?? []).map((whseid) => ({ tableId, whseid })),
  );
  const found = await Promise.all(pairs.map((pair) => hasRows(store, pair)));
  const empty = pairs.filter((_, index) => !found[index]);
  const facts = { configured: pairs.length, empty };
  if (pairs.length === 0) return { sentence: 'No table is limited to certain warehouses.', facts };
  if (empty.length === 0) return { sentence: 'Every configured warehouse has rows.', facts };
  const names = [...new Set(empty.map(({ whseid }) => JSON.stringify(whseid)))].join(', ');
  return {
    sentence: `No row has come for these configured warehouses: ${names}.`,
    remedy: 'Check their spelling in options.whseid: names are case-sensitive.',
    facts,
  };
}

/** By a range of `_id`, which begins with the warehouse: that has an index. */
function hasRows(
  store: Store,
  { tableId, whseid }: { readonly tableId: string; readonly whseid: string },
): Promise<boolean> {
  return store.rows(tableId).hasKeysBeginningWith(businessKey([whseid]));
}
