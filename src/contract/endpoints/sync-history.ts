import { z } from 'zod';
import { syncHistory } from '../../api/sync-history.js';
import type { DayOfRuns } from '../../models/day-of-runs.js';
import { DATABASE, REPEATED } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { count } from '../schemas/fields.js';
import { historyEntry } from '../schemas/history-entry.js';
import { pagination } from '../schemas/pagination.js';
import type { Shape } from '../shape.js';

const day = z
  .strictObject({
    day: z.iso.date().describe('In UTC'),
    runs: count,
    failed: count,
    rows: count.describe('Rows read'),
    durationMs: z.number().min(0).describe('Of the runs that have ended, in milliseconds'),
  } satisfies Shape<DayOfRuns>)
  .meta({ id: 'DayOfRuns' });

export const historyPage = z.strictObject({
  history: z.array(historyEntry),
  days: z
    .array(day)
    .optional()
    .describe('With `days`: each with a run, the oldest first, whatever the other filters'),
  pagination,
});

export const syncHistoryContract: EndpointContract = {
  endpoint: syncHistory,
  operations: {
    GET: {
      summary: 'Past and active runs, newest first',
      answers: {
        200: {
          description: 'One page of the history',
          body: historyPage,
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE'],
    },
    POST: {
      idempotent: true,
      summary: 'Record a run that was made elsewhere',
      answers: { 201: { description: 'The new entry', body: historyEntry } },
      errors: [...DATABASE, ...REPEATED, 'UNKNOWN_TABLE'],
    },
  },
};
