import { syncRunDue } from '../../api/sync-run-due.js';
import { DATABASE, LAKE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { pass } from '../schemas/pass.js';

export const syncRunDueContract: EndpointContract = {
  endpoint: syncRunDue,
  operations: {
    POST: {
      summary: 'One pass of the schedule, on demand',
      answers: { 200: { description: 'What the pass has started and resumed', body: pass } },
      errors: [...DATABASE, ...LAKE],
    },
  },
};
