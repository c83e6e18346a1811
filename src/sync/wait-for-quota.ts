import { AppError } from '../errors/app-error.js';
import { errorFields } from '../errors/error-fields.js';
import { isQuotaOver } from './bounds.js';
import type { Step, StepResult } from './step.js';

/** How long to wait for the quota if the lake doesn't say how long. */
const QUOTA_WAIT_MS = 15_000;

/** Waits for the lake's quota; fails the run once it has waited longer than any quota lasts. */
export async function waitForQuota(
  { context, session, sliceDeadline, turn }: Step,
  error: AppError,
): Promise<StepResult> {
  const now = new Date(session.now());
  const { quotaFrom = now } = session.job.sinceProgress ?? {};
  if (isQuotaOver({ quotaFrom }, now)) {
    const message = `the lake has refused the run's calls since ${quotaFrom.toISOString()}`;
    const over = new AppError('LAKE_QUOTA', undefined, { details: [{ message }] });
    await session.save({ phase: 'finishing', ...errorFields(over) });
    return 'next';
  }
  await session.note({ 'sinceProgress.quotaFrom': quotaFrom });
  if (error.code === 'OUT_OF_TIME') return 'pause';
  const until = Math.min(sliceDeadline, turn.ends);
  const waitMs = Math.min(error.retryAfterMs ?? QUOTA_WAIT_MS, until - context.clock.now());
  await context.clock.sleep(Math.max(0, waitMs), session.signal);
  return 'next';
}
