import { z } from 'zod';
import { errorFields } from './error.js';
import { id, tableId } from './fields.js';
import { jobStats, mode, outcome, reconcileResult, runProof, runStatus } from './run.js';

const run = {
  jobId: id,
  historyId: id,
  tableId,
  status: runStatus,
  outcome: outcome.optional(),
  mode,
  statusUrl: z.string(),
  stats: jobStats,
  proof: runProof.optional(),
  reconcile: reconcileResult.optional().describe('Of a run that compares the table with the lake'),
  warnings: z.array(z.string()),
  resumed: z
    .literal(true)
    .optional()
    .describe('Instead of a new run, an unfinished one of the table was resumed'),
};

/** `runAnswer`: of a run that has ended, or goes on without its caller. */
export const runAnswer = z.strictObject({ message: z.string(), ...run }).meta({ id: 'RunAnswer' });

/** An error's answer, with what is known of the run if one had begun. */
export const runError = z
  .strictObject({ ...errorFields, ...z.object(run).partial().shape })
  .meta({ id: 'RunError' });
