import { TOTAL_COLUMNS } from '../datafabric/result-totals.js';
import type { SyncJob } from '../models/sync-job.js';
import { shapeHash } from '../rows/shape-hash.js';
import type { JobUpdate } from '../store/job-leases.js';
import { type ListedKind, mergeListed } from '../tables/column-kinds.js';
import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import type { Step } from './step.js';

/** What our statements add to the object's columns. */
const OWN_COLUMNS = [MODIFIED_COLUMN, ...Object.values(TOTAL_COLUMNS)];

/**
 * Columns that the result shows and that were not known. One that it leaves out may come back
 * with the next answer; only learning forgets a column.
 */
export function newColumns({ lakeObject }: SyncJob, listed: readonly string[] = []): JobUpdate {
  if (!lakeObject) return {};
  const known = new Set([...lakeObject.columns, ...OWN_COLUMNS].map((name) => name.toUpperCase()));
  const others = listed.filter((name) => !known.has(name.toUpperCase()));
  return others.length > 0 ? { 'lakeObject.columns': [...lakeObject.columns, ...others] } : {};
}

/**
 * What the list says of columns that only it knows. A run that reads everything gives all rows the
 * kinds that it finds at its start; any other run leaves that to the next one, which is a full one
 * then, since the shape that is on record is not that of these kinds.
 */
export function newKinds({ session, table }: Step, kinds: readonly ListedKind[] = []): JobUpdate {
  const { job } = session;
  const own = new Set(OWN_COLUMNS);
  const others = kinds.filter(({ column }) => !own.has(column) && !table.columns[column]);
  const listedKinds = mergeListed(job.listedKinds, others);
  if (listedKinds.length === 0) return {};
  const isStart = job.mode === 'full' && job.startOffset === 0 && !job.split?.index;
  if (!isStart) return { listedKinds };
  const sources = { configured: job.configuredKinds, listed: listedKinds };
  return { listedKinds, shapedBy: listedKinds, 'hashes.shape': shapeHash(table, sources) };
}
