import type { QueryFilter, QueryRange, QuerySource } from '../datafabric/query-builder.js';
import type { SyncJob } from '../models/sync-job.js';
import type { TableDefinition } from '../tables/table.js';

/** What a run's statements depend on of its object. */
export function sourceOf(
  job: Pick<SyncJob, 'lakeObject' | 'deleteFlag' | 'withoutSerialKey'>,
  { object }: TableDefinition,
): QuerySource {
  const { lakeObject, deleteFlag, withoutSerialKey } = job;
  const serialKey = withoutSerialKey ? undefined : serialKeyOf(lakeObject);
  return { object, serialKey, deleteFlag };
}

/** The filter and range of the run's own queries. */
export function rangeOf({ scope, range }: SyncJob): { filter: QueryFilter; range: QueryRange } {
  const { whseids, date } = scope;
  return {
    filter: { whseids, date },
    range: { modifiedFrom: range.from, modifiedTo: range.ceiling },
  };
}

/** If the columns are unknown, SERIALKEY is assumed: every WMS object seen so far has it. */
function serialKeyOf(facts: SyncJob['lakeObject']): string | undefined {
  if (!facts) return 'SERIALKEY';
  return facts.columns.find((name) => name.toUpperCase() === 'SERIALKEY');
}
