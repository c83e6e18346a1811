import type { AppError } from '../../errors/app-error.js';
import type { SyncJob } from '../../models/sync-job.js';
import { cancelQueries } from '../cancel-queries.js';
import type { Step } from '../step.js';
import { withException } from './exceptions.js';

const ASKING: readonly SyncJob['phase'][] = ['listing', 'locating', 'comparing', 'confirming'];

/**
 * Ends a comparison whose lake queries fail, without failing the run: what it has read is proven
 * all the same. Nothing is deleted.
 * @returns false for any other failure
 */
export async function giveUpComparison(
  { context, session }: Step,
  { code, message }: AppError,
): Promise<boolean> {
  const { job } = session;
  if (!ASKING.includes(job.phase) || !code.startsWith('LAKE_')) return false;
  await cancelQueries(context, job);
  await session.save({
    phase: 'certifying',
    probeQuery: undefined,
    ...withException(job, { reason: 'comparison_failed', message: `${code}: ${message}` }),
  });
  return true;
}
