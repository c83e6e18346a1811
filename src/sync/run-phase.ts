import { AppError, isQuotaRefusal, toAppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import type { JobPhase } from '../models/sync-job.js';
import { cancelQueries } from './cancel-queries.js';
import { count } from './count.js';
import { learn } from './learn.js';
import { prove } from './prove.js';
import { readSegment } from './read.js';
import { certify } from './reconcile/certify.js';
import { compareContent } from './reconcile/compare-content.js';
import { confirm } from './reconcile/confirm.js';
import { giveUpComparison } from './reconcile/give-up.js';
import { compareListing } from './reconcile/listing.js';
import { locate } from './reconcile/locate.js';
import { restartAfter } from './restart-query.js';
import { startReading } from './start-reading.js';
import type { Step, StepResult } from './step.js';
import { waitForQuota } from './wait-for-quota.js';

/**
 * Makes one step of the job's present phase. After a failure the run waits for the quota, restarts
 * its query, gives up its comparison, or ends as failed.
 * @throws AppError SYNC_SUPERSEDED; MONGODB_* if the failure can't be recorded
 */
export async function runPhase(step: Step): Promise<StepResult> {
  const { context, session } = step;
  try {
    const result = await workOnPhase(session.job.phase, step);
    if (session.job.sinceProgress?.quotaFrom) {
      await session.note({ 'sinceProgress.quotaFrom': undefined });
    }
    return result;
  } catch (thrown) {
    const error = toAppError(thrown);
    if (session.signal.aborted || error.code === 'SYNC_SUPERSEDED') {
      throw new AppError('SYNC_SUPERSEDED', undefined, { cause: error });
    }
    if (isQuotaRefusal(error)) return waitForQuota(step, error);
    if (error.code === 'OUT_OF_TIME') return 'pause';
    if (await restartAfter(error, session)) {
      context.log.warn({ err: error }, 'the query is sent again');
      return 'next';
    }
    if (await giveUpComparison(step, error)) {
      context.log.warn({ err: error }, 'the comparison with the lake was given up');
      return 'next';
    }
    context.log.error({ err: error }, 'sync failed');
    await cancelQueries(context, session.job);
    await session.save({ phase: 'finishing', ...errorFields(error) });
    return 'next';
  }
}

function workOnPhase(phase: JobPhase, step: Step): Promise<StepResult> {
  switch (phase) {
    case 'learning':
      return learn(step);
    case 'counting':
      return count(step);
    case 'querying':
      return startReading(step);
    case 'reading':
      return readSegment(step);
    case 'proving':
      return prove(step);
    case 'listing':
      return compareListing(step);
    case 'locating':
      return locate(step);
    case 'comparing':
      return compareContent(step);
    case 'confirming':
      return confirm(step);
    case 'certifying':
      return certify(step);
    case 'finishing':
    case 'ended':
      return Promise.resolve('next');
  }
}
