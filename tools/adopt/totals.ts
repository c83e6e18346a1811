import type { Models } from '../../src/models/index.js';
import type { RetryBudget } from '../../src/store/driver/retry.js';
import { createStore } from '../../src/store/store.js';
import { type AdoptionPlan, counted, NOTHING } from './step.js';

/** The totals of what the history holds, where the first look would have to add it up. */
export async function planTotals(models: Models, scope: RetryBudget): Promise<AdoptionPlan> {
  const { history } = createStore(models, scope);
  const missing = (await history.tablesWithoutTotals()).sort();
  if (missing.length === 0) return NOTHING;
  const step = {
    what: `${models.runTotals.collection.collectionName}: the runs of ${counted(missing.length, 'table')} are added up`,
    async run() {
      await history.buildRunTotals(missing);
      for (const tableId of missing) await history.countRuns(tableId);
    },
  };
  return { ...NOTHING, steps: [step] };
}
