import { fetchFirstPage, keepInHand } from './fetch-page.js';
import { flagOf } from './learn.js';
import { NO_RESULT } from './restart-query.js';
import type { FetchedPage, Step } from './step.js';

/**
 * Looks at the object again where the result's columns are not what it is known for, once a run:
 * deleted rows that can't be told from live ones must not be read, and where they can, they must be.
 */
export async function switchesView(
  step: Step,
  { isListed, inRows }: { isListed: boolean; inRows?: string },
): Promise<boolean> {
  const { session } = step;
  const { job } = session;
  if (job.switched || job.deleteFlag === isListed) return false;
  if (isListed && job.lakeObject && job.lakeObject.deletes !== 'not_told') return false;
  // Rows may carry what a list has left out; and what this run has asked for itself is so.
  if (!isListed && (job.hasLearned || (await rowsCarryFlag(step)))) return false;
  await session.save({
    ...NO_RESULT,
    queryAttempts: 0,
    countQuery: undefined,
    split: undefined,
    // Counted in the other view, the newest row of which may be another one.
    'range.ceiling': undefined,
    switched: true,
    phase: 'learning',
    ...(inRows && { learned: { inRows: true, flagColumn: inRows } }),
  });
  return true;
}

async function rowsCarryFlag(step: Step): Promise<boolean> {
  const { startOffset } = step.session.job;
  const page = await fetchFirstPage(step, startOffset);
  keepInHand(step, startOffset, page);
  return flagInRows(step, page) !== undefined;
}

export function flagInRows({ table }: Step, { rows }: FetchedPage): string | undefined {
  return flagOf(table, rows.flatMap(Object.keys));
}
