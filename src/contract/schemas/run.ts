import { z } from 'zod';
import type { ProofKind, RunProof } from '../../models/reading.js';
import type { Reconcile, ReconcileCost, ReconcileException } from '../../models/reconcile.js';
import { countFields } from '../../models/row-counts.js';
import type { JobStats } from '../../models/sync-job.js';
import type { Shape } from '../shape.js';
import { count, duration, time } from './fields.js';

export const runStatus = z.enum(['pending', 'in_progress', 'completed', 'failed']);

export const outcome = z.enum([
  'complete',
  'nothing_new',
  'with_rejects',
  'partial',
  'canceled',
  'failed',
]);

export const mode = z.enum(['incremental', 'full', 'backfill']);

const counts = countFields('job', () => count);
/** Those that the earlier version does not have. */
const laterCounts = z
  .object(counts)
  .omit({
    processedRecords: true,
    insertedRecords: true,
    updatedRecords: true,
    errorRecords: true,
  })
  .partial().shape;

/** Counts and times of a job; a job of an earlier version has the earlier version's counts only. */
export const jobStats = z
  .strictObject({
    ...({
      totalRecords: count.describe('Rows counted in the lake'),
      ...counts,
      ...laterCounts,
      startTime: time.optional(),
      endTime: time.optional(),
      ...duration,
    } satisfies Shape<JobStats & { duration?: number }>),
    status: runStatus,
    error: z.string().optional(),
  })
  .meta({ id: 'JobStats' });

export const proofKind = z.enum([
  'result',
  'count',
  'bounded',
  'limited',
  'empty',
  'unchanged',
] satisfies ProofKind[]);

/** Evidence that every row of the range was read. */
export const runProof = z
  .strictObject({
    how: proofKind,
    read: count,
    stated: count.optional(),
    told: count.optional(),
    counted: count.optional(),
    recounted: count.optional(),
    sums: z.strictObject({ stated: z.string(), read: z.string() }).optional(),
  } satisfies Shape<RunProof>)
  .meta({ id: 'RunProof' });

export const reconcileException = z.strictObject({
  reason: z.string(),
  message: z.string(),
  count: count.optional(),
} satisfies Shape<ReconcileException>);

export const verdict = z.enum(['equal', 'repaired', 'different', 'unproven']);

export const reconcileResult = z
  .strictObject({
    verdict,
    remaining: count,
    repaired: count,
    held: count,
  } satisfies Shape<NonNullable<Reconcile['result']>>)
  .meta({ id: 'ReconcileResult' });

export const reconcileCost = z.strictObject({
  queries: count,
  pages: count,
  rowsRead: count,
  workMs: z.number().min(0),
} satisfies Shape<ReconcileCost>);
