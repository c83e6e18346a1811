import type { Models } from '../../models/index.js';
import { countRuns } from '../count-runs.js';
import { native } from '../native.js';
import { buildRunTotals } from '../recount-runs.js';
import { type RetryScope, withRetry } from '../retry.js';
import { type AdoptionPlan, counted, NOTHING } from './step.js';

/** The totals of what the history holds, where the first look would have to add it up. */
export async function planTotals(models: Models, scope: RetryScope): Promise<AdoptionPlan> {
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
