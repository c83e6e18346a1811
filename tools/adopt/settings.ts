import type { Models } from '../../src/models/index.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import { ageOf, databaseOf, move, twins } from './documents.js';
import type { AdoptionPlan } from './step.js';

/** Settings have the same form as ever; only a second value of one would be in the way. */
export async function planSettings(models: Models, scope: RetryBudget): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const name = models.settings.collection.collectionName;
  const [settings, before] = [db.collection(name), db.collection(`${name}_before`)];
  const all = await withRetry(() => settings.find({}).toArray(), scope);
  const steps = twins(all, 'key', (a, b) => ageOf(b) - ageOf(a))
    .filter(({ rest }) => rest.length > 0)
    .map(({ first, rest }) => ({
      what: `setting ${String(first.key)}: the newest of ${rest.length + 1} stays, the others → ${before.collectionName}`,
      run: () => withRetry(() => move(rest, settings, before), scope),
    }));
  return { steps, notes: [] };
}
