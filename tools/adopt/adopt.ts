import type { Models } from '../../src/models/index.js';
import type { RetryBudget } from '../../src/store/driver/retry.js';
import { ensureCriticalIndexes } from '../../src/store/indexes.js';
import type { TableDefinition } from '../../src/tables/table.js';
import { planConfigs } from './configs.js';
import { planIndexes } from './indexes.js';
import { planRows } from './rows.js';
import { planRuns } from './runs.js';
import { planSettings } from './settings.js';
import type { AdoptionPlan, ConfigOf } from './step.js';
import { planTotals } from './totals.js';

export interface Adoption {
  readonly models: Models;
  readonly tables: readonly TableDefinition[];
  readonly configOf: ConfigOf;
  readonly scope: RetryBudget;
}

/**
 * What it takes to go on with a database of an earlier version. Only looks; whatever is in
 * the way is found before anything has changed.
 * @throws AppError MONGODB_*; MONGODB_FAILED naming a `…_before` that exists already
 */
export async function planAdoption(adoption: Adoption): Promise<AdoptionPlan> {
  const { models, tables, configOf, scope } = adoption;
  // Unique indexes come last: they can't be made while there are twins.
  const plans = [
    await planRows(models, tables, scope),
    await planConfigs(models, tables, configOf, scope),
    await planSettings(models, scope),
    await planRuns(models, scope),
    await planTotals(models, scope),
    await planIndexes(models, scope),
  ];
  return {
    steps: plans.flatMap(({ steps }) => steps),
    notes: plans.flatMap(({ notes }) => notes),
  };
}

/**
 * Takes the steps in their order. Nothing is deleted: what is replaced is kept in a
 * collection `…_before`. After a fault it can be planned and begun again.
 * @param onStep told of each step that is done
 * @throws AppError MONGODB_*
 */
export async function adopt(
  { models, scope }: Pick<Adoption, 'models' | 'scope'>,
  { steps }: AdoptionPlan,
  onStep: (what: string) => void,
): Promise<void> {
  for (const { what, run } of steps) {
    await run();
    onStep(what);
  }
  await ensureCriticalIndexes(models, scope);
}
