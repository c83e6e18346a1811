import { z } from 'zod';
import { syncStatus } from '../../api/sync-status.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { historyEntry } from '../schemas/history-entry.js';
import { job } from '../schemas/job.js';

const one = z
  .strictObject({
    job: job.nullable().describe('null: no longer kept'),
    history: historyEntry.nullable().describe('null: no longer kept'),
  })
  .meta({ id: 'RunStatus' });
const active = z.strictObject({ jobs: z.array(job) }).meta({ id: 'ActiveJobs' });

export const syncStatusContract: EndpointContract = {
  endpoint: syncStatus,
  operations: {
    GET: {
      summary: 'One run, or all active jobs',
      description: 'Jobs are kept for 90 days and history for 400, so either one can be null.',
      answers: {
        200: {
          description: 'With `jobId` or `historyId` the run, otherwise the active jobs',
          body: z.union([one, active]),
        },
      },
      errors: [...DATABASE, 'JOB_NOT_FOUND', 'HISTORY_NOT_FOUND'],
    },
  },
};
