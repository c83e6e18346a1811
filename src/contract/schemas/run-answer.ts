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

const { status, ...othersOfRun } = z.object(run).partial().shape;

/** RFC 9457, where `Accept` names it; the fields of the other form are extensions. */
export const problem = z
  .strictObject({
    ...errorFields,
    ...othersOfRun,
    type: z.string(),
    title: z.string(),
    status: z.number().int().describe('The HTTP status'),
    detail: z.string(),
    instance: z.string(),
    runStatus: status.describe('`status` of the run that the error is about'),
  })
  .meta({ id: 'Problem' });
