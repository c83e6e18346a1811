import type { JobOutcome } from './sync-job.js';

/** The name of each outcome among a table's totals. */
export const OUTCOME_TOTALS = {
  complete: 'endedComplete',
  nothing_new: 'endedNothingNew',
  with_rejects: 'endedWithRejects',
  partial: 'endedPartial',
  canceled: 'endedCanceled',
  failed: 'endedFailed',
} as const satisfies Record<JobOutcome, string>;

export type OutcomeTotals = Record<(typeof OUTCOME_TOTALS)[JobOutcome], number>;

/**
 * The outcomes that agree with a status. The first is that of entries without one, or with one that a
 * correction of the status contradicts.
 */
const OF_STATUS = {
  completed: ['complete', 'nothing_new', 'with_rejects', 'partial'],
  failed: ['failed', 'canceled'],
} as const satisfies Record<string, readonly JobOutcome[]>;

/** Of each outcome, what `value` makes of its status, its name and the others of that status. */
export function outcomeTotals<Value>(
  value: (outcome: JobOutcome, status: string, others: readonly JobOutcome[] | undefined) => Value,
): Record<keyof OutcomeTotals, Value> {
  const fields = Object.entries(OF_STATUS).flatMap(([status, [byDefault, ...others]]) => [
    [OUTCOME_TOTALS[byDefault], value(byDefault, status, others)],
    ...others.map((outcome) => [OUTCOME_TOTALS[outcome], value(outcome, status, undefined)]),
  ]);
  // Each outcome has one status.
  return Object.fromEntries(fields) as Record<keyof OutcomeTotals, Value>;
}

/** What one entry adds to the totals of the outcomes. */
export function outcomesOf({
  status,
  outcome,
}: {
  readonly status: string;
  readonly outcome?: JobOutcome | undefined;
}): OutcomeTotals {
  return outcomeTotals((one, ofStatus, others) => {
    if (status !== ofStatus) return 0;
    const isIt = others ? !others.some((other) => other === outcome) : outcome === one;
    return isIt ? 1 : 0;
  });
}

/** The same as aggregation expressions over history entries: whether the entry has this outcome. */
export const OUTCOME_CONDITIONS = outcomeTotals((one, status, others) => ({
  $and: [
    { $eq: ['$status', status] },
    others ? { $not: { $in: ['$outcome', others] } } : { $eq: ['$outcome', one] },
  ],
}));
