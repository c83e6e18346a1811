import { z } from 'zod';
import { syncWorkerBackground } from '../../api/sync-worker-background.js';
import type { Worked } from '../../sync/worker.js';
import { DATABASE, LAKE } from '../errors.js';
import type { EndpointContract } from '../operation.js';

/** Not published: only the backend itself can sign an order. */
export const syncWorkerBackgroundContract: EndpointContract = {
  endpoint: syncWorkerBackground,
  operations: {
    POST: {
      summary: 'Work on a run',
      answers: {
        200: {
          description: 'The worker has ended',
          body: z.strictObject({
            message: z.string(),
            worked: z.enum(['done', 'handed_on', 'busy', 'ignored', 'stopped'] satisfies Worked[]),
          }),
        },
      },
      errors: [...DATABASE, ...LAKE],
    },
  },
};
