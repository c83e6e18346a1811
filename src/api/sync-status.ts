import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncHistory } from '../models/sync-history.js';
import type { SyncJob } from '../models/sync-job.js';
import { objectId } from './fields.js';
import { historyView, jobView } from './job-view.js';
import { method, type Services } from './services.js';

const ids = z
  .strictObject({ jobId: objectId.optional(), historyId: objectId.optional() })
  .refine(({ jobId, historyId }) => !(jobId && historyId), {
    path: ['historyId'],
    error: 'give jobId or historyId, not both',
  });

/** An empty id beside another one counts as left out; alone it is a mistake, not the list of all. */
const query = z.preprocess((given) => {
  const values = Object.entries(Object(given));
  const filled = values.filter(([, value]) => value !== '');
  return filled.some(([name]) => name in ids.shape) ? Object.fromEntries(filled) : given;
}, ids);

export const syncStatus: Endpoint<Services> = {
  name: 'sync-status',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query: { jobId, historyId }, services }) {
        const { store, clock } = await services();
        const { jobs, history } = await store();

        if (jobId) {
          const job = await jobs.find(jobId);
          if (!job) throw new AppError('JOB_NOT_FOUND');
          return { body: statusOf(job, await history.find(job.historyId), clock.now()) };
        }
        if (historyId) {
          const entry = await history.find(historyId);
          if (!entry) throw new AppError('HISTORY_NOT_FOUND');
          return { body: statusOf(await jobs.findByHistory(historyId), entry, clock.now()) };
        }
        const found = await jobs.allActive();
        return { body: { jobs: found.map((job) => jobView(job, clock.now())) } };
      },
    }),
  },
};

/** Jobs are kept for a shorter time than the history: either one can be missing. */
function statusOf(job: SyncJob | null, entry: SyncHistory | null, now: number) {
  return { job: job && jobView(job, now), history: entry && historyView(entry) };
}
