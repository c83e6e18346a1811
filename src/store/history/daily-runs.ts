import type { mongo } from 'mongoose';
import type { DayOfRuns } from '../../models/day-of-runs.js';
import type { Runs } from './runs.js';

/**
 * The runs of a table, or of all, by day, the oldest first; days without any are left out, and so are
 * starts that were refused.
 * @param since of the first day
 */
export async function dailyRuns(
  { history, run }: Runs,
  { tableId, since }: { readonly tableId?: string | undefined; readonly since: Date },
): Promise<DayOfRuns[]> {
  const pipeline: mongo.Document[] = [
    { $match: { ...(tableId !== undefined && { tableId }), startTime: { $gte: since } } },
    { $match: { refusal: { $exists: false } } },
    {
      $group: {
        _id: { $dateToString: { date: '$startTime', format: '%Y-%m-%d' } },
        runs: { $sum: 1 },
        failed: { $sum: { $cond: [{ $eq: ['$status', 'failed'] }, 1, 0] } },
        rows: { $sum: '$recordsProcessed' },
        durationMs: { $sum: '$durationMs' },
      },
    },
  ];
  const days = await run(() =>
    history.aggregate<Omit<DayOfRuns, 'day'> & { _id: string }>(pipeline).toArray(),
  );
  return days
    .map(({ _id, ...counts }) => ({ day: _id, ...counts }))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}
