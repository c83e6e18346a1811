import { TOTAL_COLUMNS } from '../datafabric/result-totals.js';
import type { SyncJob } from '../models/sync-job.js';
import { shapeHash } from '../rows/shape-hash.js';
import type { JobUpdate } from '../store/job-leases.js';
import { type ListedKind, mergeListed } from '../tables/column-kinds.js';
import { MODIFIED_COLUMN } from '../tables/lake-columns.js';
import type { Step } from './step.js';

/** Columns that this backend's statements add to the object's columns. */
const OWN_COLUMNS = [MODIFIED_COLUMN, ...Object.values(TOTAL_COLUMNS)];

/**
 * Adds columns of the result that were not known. A known column that it lacks may be in the next
 * result; only learning removes a column.
 */
export function newColumns({ lakeObject }: SyncJob, listed: readonly string[] = []): JobUpdate {
  if (!lakeObject) return {};
  const known = new Set([...lakeObject.columns, ...OWN_COLUMNS].map((name) => name.toUpperCase()));
  const others = listed.filter((name) => !known.has(name.toUpperCase()));
  return others.length > 0 ? { 'lakeObject.columns': [...lakeObject.columns, ...others] } : {};
}

/** The kinds of all of the object's columns by the result's list. */
export function lakeKinds(kinds: readonly ListedKind[] = []): JobUpdate {
  const own = new Set(OWN_COLUMNS);
  const ofObject = kinds.filter(({ column }) => !own.has(column));
  return ofObject.length > 0 ? { lakeKinds: ofObject } : {};
}

/**
 * Kinds of columns that only the lake's list knows. A full run applies the kinds that it finds at its
 * start to all rows; any other run only records them: the next run is then a full one, since the
 * recorded shape does not have these kinds.
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
