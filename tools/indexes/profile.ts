import type { Models } from '../../src/models/index.js';
import type { RetryBudget } from '../../src/store/driver/retry.js';
import { type Ensured, ensureQueryIndex } from '../../src/store/query-indexes.js';
import { ensureView } from '../../src/store/views.js';
import type { TableDefinition } from '../../src/tables/table.js';

/** An index or a view of the profile, and what became of it. */
export type Made = Ensured & {
  /** `collection.index`, or the name of the view. */
  readonly name: string;
  readonly question: string;
};

/**
 * Creates the indexes of the profile `wms` and its views, one after the other; a conflict is reported
 * and stops nothing.
 * @throws AppError MONGODB_*
 */
export async function ensureProfile(
  models: Models,
  tables: readonly TableDefinition[],
  scope: RetryBudget,
  timeZone?: string,
): Promise<Made[]> {
  const made: Made[] = [];
  for (const { tableId, collection, queryIndexes = [] } of tables) {
    for (const index of queryIndexes) {
      const ensured = await ensureQueryIndex(models.rows(tableId), index, scope);
      const { name, question } = index;
      made.push({ ...ensured, name: `${collection}.${name}`, question });
    }
  }
  for (const { tableId, views = [] } of tables) {
    for (const view of views) {
      const ensured = await ensureView(models.rows(tableId), view, scope, timeZone);
      made.push({ ...ensured, name: view.name, question: view.question });
    }
  }
  return made;
}
