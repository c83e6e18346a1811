import type { Types } from 'mongoose';
import type { Lake } from '../../dev/lake/index.js';
import type { App } from '../../src/app.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import { type StartRequest, startJob } from '../../src/sync/start.js';

const FAR_MS = 30_000;
/** More than any slice has. */
const OVER_MS = 3_600_000;

/**
 * A run that nobody works on any more, of which at least one page has been written. The worker's
 * clock jumps past its deadline once the lake has been asked for the second page, however slow
 * the machine is. The table needs more rows than two pages have.
 */
export async function leaveInTheMiddle(
  app: App,
  lake: Lake,
  request: StartRequest,
): Promise<SyncJob> {
  const context = await app.sync();
  let pages = 0;
  lake.beforeCall(async ({ kind, sql }) => {
    if (kind === 'result' && sql?.includes('LAKE_MODIFIED')) pages++;
  });
  const now = () => context.clock.now() + (pages > 1 ? OVER_MS : 0);
  const clock = { ...context.clock, now };
  const { _id } = await startJob(context, request, 'api');
  await advance(
    { ...context, clock, store: context.store.within({ clock }) },
    _id,
    Date.now() + FAR_MS,
  );
  lake.beforeCall(undefined);
  const job = await jobOf(app, _id);
  if (!job.active || !job.segments.some(({ next, start }) => next > start)) {
    throw new Error(`the run was not left in the middle: ${job.phase}`);
  }
  return job;
}

async function jobOf(app: App, _id: Types.ObjectId): Promise<SyncJob> {
  const { jobs } = await app.models();
  const job = await jobs.findById(_id).lean<SyncJob>();
  if (!job) throw new Error('the run is gone');
  return job;
}
