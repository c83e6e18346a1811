import type { Models } from '../../src/models/index.js';
import { native } from '../../src/store/driver/native.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import { countRuns } from '../../src/store/history/count-runs.js';
import { buildRunTotals } from '../../src/store/history/recount-runs.js';
import { type AdoptionPlan, counted, NOTHING } from './step.js';

/** The totals of what the history holds, where the first look would have to add it up. */
export async function planTotals(models: Models, scope: RetryBudget): Promise<AdoptionPlan> {
  const { history, runTotals } = models;
  const [inHistory, known] = await Promise.all([
    withRetry(() => native(history).distinct('tableId'), scope),
    withRetry(() => native(runTotals).distinct('_id'), scope),
  ]);
  const missing = inHistory.filter((id) => typeof id === 'string' && !known.includes(id)).sort();
  if (missing.length === 0) return NOTHING;
  const step = {
    what: `${runTotals.collection.collectionName}: the runs of ${counted(missing.length, 'table')} are added up`,
    async run() {
      await buildRunTotals(models, missing, scope);
      for (const tableId of missing) await countRuns(models, tableId, scope);
    },
  };
  return { ...NOTHING, steps: [step] };
}
