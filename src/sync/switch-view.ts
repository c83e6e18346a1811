import { fetchFirstPage, keepInHand } from './fetch-page.js';
import { flagOf } from './learn.js';
import { NO_RESULT } from './restart-query.js';
import type { FetchedPage, Step } from './step.js';

/**
 * Sends the run back to learning, once per run, if the result's columns contradict what is known of
 * the object's delete flag: deleted rows must be read if they can be distinguished from live ones,
 * and must not be read otherwise.
 * @returns whether the run learns the object again
 */
export async function switchesView(
  step: Step,
  { isListed, inRows }: { isListed: boolean; inRows?: string },
): Promise<boolean> {
  const { session } = step;
  const { job } = session;
  if (job.switched || job.deleteFlag === isListed) return false;
  if (isListed && job.lakeObject && job.lakeObject.deletes !== 'not_told') return false;
  // Rows may carry a flag that the list lacks; and what this run has learned itself is trusted.
  if (!isListed && (job.hasLearned || (await rowsCarryFlag(step)))) return false;
  await session.save({
    ...NO_RESULT,
    queryAttempts: 0,
    countQuery: undefined,
    split: undefined,
    // The ceiling was counted in the other view, whose newest row may be another one.
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

/** The delete flag's column among those of a page's rows, as the lake spells it. */
export function flagInRows({ table }: Step, { rows }: FetchedPage): string | undefined {
  return flagOf(table, rows.flatMap(Object.keys));
}
