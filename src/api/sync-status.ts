import { z } from 'zod';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import { objectId } from './fields.js';
import { historyView, jobView } from './job-view.js';
import { method, type Services } from './services.js';

const query = z
  .strictObject({ jobId: objectId.optional(), historyId: objectId.optional() })
  .refine(({ jobId, historyId }) => !(jobId && historyId), {
    path: ['historyId'],
    error: 'give jobId or historyId, not both',
  });

export const syncStatus: Endpoint<Services> = {
  name: 'sync-status',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query: { jobId, historyId }, services }) {
        const { models, clock } = await services();
        const { jobs, history } = await models();
        if (!jobId && !historyId) {
          const active = await withRetry(() => native(jobs).find({ active: true }).toArray(), {
            clock,
          });
          return { body: { jobs: active.map(jobView) } };
        }
        const wanted = jobId ? { _id: jobId } : { historyId: historyId as typeof jobId & object };
        const job = await withRetry(() => native(jobs).findOne(wanted), { clock });
        const entryId = historyId ?? job?.historyId;
        const entry =
          entryId && (await withRetry(() => native(history).findOne({ _id: entryId }), { clock }));
        if (jobId && !job) throw new AppError('JOB_NOT_FOUND');
        if (historyId && !entry) throw new AppError('HISTORY_NOT_FOUND');
        return {
          body: { job: job ? jobView(job) : null, history: entry ? historyView(entry) : null },
        };
      },
    }),
  },
};
