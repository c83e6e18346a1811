import { z } from 'zod';
import type { ErrorFields, ErrorView } from '../../errors/error-fields.js';
import type { Refusal } from '../../models/refusal.js';
import { countFields } from '../../models/row-counts.js';
import type { SyncHistory } from '../../models/sync-history.js';
import type { Shape } from '../shape.js';
import { storedErrorFields } from './error.js';
import { anything, count, duration, id, tableId, time } from './fields.js';
import { mode, outcome, runProof, runStatus } from './run.js';

type Refused = Pick<Refusal, 'since' | 'lastTime' | 'count'>;

/** `historyView`: a stored entry without what only the statistics need. */
type ShownEntry = Omit<SyncHistory, 'tally' | 'durationMs' | keyof ErrorFields> &
  Partial<ErrorView>;

/** Counts that the earlier version has as well; its entries lack the others. */
const counts = countFields('entry', () => count);
const laterCounts = z
  .object(counts)
  .omit({ recordsProcessed: true, recordsInserted: true, recordsUpdated: true, recordsError: true })
  .partial().shape;

export const historyEntry = z
  .strictObject({
    ...({
      _id: id,
      tableId,
      tableName: z.string(),
      syncJobId: z.string(),
      status: runStatus,
      outcome: outcome.optional(),
      mode: mode.optional(),
      startTime: time,
      endTime: time.optional(),
      ...counts,
      ...laterCounts,
      proof: runProof.optional(),
      options: anything.describe('The request of the run, or what its caller has recorded'),
      refusal: z
        .strictObject({ since: time, lastTime: time, count } satisfies Shape<Refused>)
        .optional()
        .describe('Not a run, but a start that was refused'),
      createdAt: time.optional(),
      updatedAt: time.optional(),
      ...storedErrorFields,
    } satisfies Shape<ShownEntry>),
    ...duration,
    __v: count.optional().describe('Of an entry that an earlier version has stored'),
  })
  .meta({ id: 'HistoryEntry' });
