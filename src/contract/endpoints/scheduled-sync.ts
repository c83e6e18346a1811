import { scheduledSync } from '../../api/scheduled-sync.js';
import { DATABASE, LAKE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { pass } from '../schemas/pass.js';

export const scheduledSyncContract: EndpointContract = {
  endpoint: scheduledSync,
  operations: {
    POST: {
      summary: 'One pass of the schedule, in a local runtime',
      description:
        'On a deployed site Netlify calls it every five minutes, and it has no URL: use `sync-run-due`. A local runtime takes `next_run` for the platform, which sends no token.',
      access: ['none', 'write'],
      answers: { 200: { description: 'What the pass has started and resumed', body: pass } },
      errors: [...DATABASE, ...LAKE],
    },
  },
};
