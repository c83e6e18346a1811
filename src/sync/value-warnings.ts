import type { ColumnCounts } from '../models/reading.js';
import type { SyncJob } from '../models/sync-job.js';
import { jobColumns } from '../rows/column-counts.js';
import { MOST_REJECTS_PER_COLUMN } from '../rows/reject-limit.js';
import { jobCounts } from './segments.js';

/** Column names that one warning lists. */
const MOST_NAMES = 20;

/** The warnings about a run's values and the names of their columns. */
export function warningsOfValues(job: SyncJob): string[] {
  const columns = jobColumns(job);
  const { unreadable } = jobCounts(job);
  const warnings: string[] = [];
  if (unreadable > 0) {
    const values = listed(columns, 'unreadable');
    warnings.push(`rows stored without values that could not be read: ${unreadable} (${values})`);
  }
  for (const { column, unreadable: values } of columns) {
    if (values > MOST_REJECTS_PER_COLUMN) {
      warnings.push(
        `${values} values of ${column} could not be read: its kind has probably changed; not all of these rows are kept as rejects`,
      );
    }
  }
  if (columns.some(({ blank }) => blank > 0)) {
    warnings.push(`blank text stored as NULL: ${listed(columns, 'blank')}`);
  }
  for (const { column, cut } of columns) {
    if (cut > 0) warnings.push(`dates of ${column} cut to the millisecond: ${cut}`);
  }
  const { renamedColumns = [] } = job;
  if (renamedColumns.length > 0) {
    const names = shortened([...renamedColumns].sort());
    warnings.push(`columns stored under another name than the lake's: ${names}`);
  }
  return warnings;
}

function listed(columns: readonly ColumnCounts[], count: 'unreadable' | 'blank'): string {
  const met = columns.filter((column) => column[count] > 0);
  return shortened(met.map((column) => `${column.column} ${column[count]}`));
}

function shortened(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
