import { z } from 'zod';
import { errorCode, errorDetail } from './error.js';
import { id, tableId, time } from './fields.js';
import { jobStats } from './run.js';

const named = { tableId, tableName: z.string() };

/** One pass of the schedule. */
export const pass = z
  .strictObject({
    message: z.string(),
    timestamp: time,
    syncedTables: z.array(
      z.strictObject({
        ...named,
        jobId: id,
        historyId: id,
        how: z.enum(['started', 'resumed']),
        stats: jobStats,
      }),
    ),
    errors: z
      .array(
        z.strictObject({
          ...named,
          jobId: id.optional(),
          historyId: id.optional(),
          error: z.string(),
          message: z.string().describe('The same text as `error`'),
          code: errorCode,
          details: z.array(errorDetail),
        }),
      )
      .describe("Tables that can't be started, and runs that failed during the pass"),
  })
  .meta({ id: 'Pass' });
