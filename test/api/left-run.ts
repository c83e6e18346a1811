import type { Lake } from '../../dev/lake/index.js';
import type { App } from '../../src/app.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';

/** Much shorter than the run, however slow the machine. */
const SLICE_MS = 60;
const PAGE_MS = 20;
const ROWS_A_PAGE = 5;

/** A run of which some pages have been read, and that nobody works on. Its table needs 50 rows. */
export async function leaveInTheMiddle(app: App, lake: Lake, tableId: string): Promise<SyncJob> {
  const context = await app.sync();
  lake.configure({ pageLatencyMs: PAGE_MS });
  let job = await startJob(context, { tableId, mode: 'full', batchSize: ROWS_A_PAGE }, 'api');
  while (!job.segments.some(({ next }) => next > 0)) {
    await advance(context, job._id, Date.now() + SLICE_MS);
    job = (await context.models.jobs.findById(job._id).lean<SyncJob>()) ?? job;
  }
  lake.configure({ pageLatencyMs: 0 });
  return job;
}
