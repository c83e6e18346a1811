import type { QueryFilter, QueryRange, QuerySource } from '../datafabric/query-builder.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';

/** What the statements of a run have to know about its object. */
export function sourceOf(
  job: Pick<SyncJob, 'lakeObject' | 'deleteFlag' | 'withoutSerialKey'>,
  { object }: TableDefinition,
): QuerySource {
  const { lakeObject, deleteFlag, withoutSerialKey } = job;
  const serialKey = withoutSerialKey ? undefined : serialKeyOf(lakeObject);
  return { object, serialKey, deleteFlag };
}

/** What the run's own queries cover. */
export function rangeOf({ scope, range }: SyncJob): { filter: QueryFilter; range: QueryRange } {
  const { whseids, date } = scope;
  return {
    filter: { whseids, date },
    range: { modifiedFrom: range.from, modifiedTo: range.ceiling },
  };
}

/** Where no list is known the column is assumed: every WMS object seen has it. */
function serialKeyOf(facts: SyncJob['lakeObject']): string | undefined {
  if (!facts) return 'SERIALKEY';
  return facts.columns.find((name) => name.toUpperCase() === 'SERIALKEY');
}
