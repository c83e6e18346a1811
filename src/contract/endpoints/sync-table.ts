import { syncTable } from '../../api/sync-table.js';
import { REPEATED, RUN } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { runAnswer, runError } from '../schemas/run-answer.js';

export const syncTableContract: EndpointContract = {
  endpoint: syncTable,
  operations: {
    POST: {
      idempotent: true,
      summary: 'Run a table',
      description:
        'Starts a run and waits up to `wait` seconds for its end. If the table has no configuration, a default one is created first.',
      answers: {
        200: { description: 'The run has ended', body: runAnswer },
        202: { description: 'The run goes on; poll `statusUrl`', body: runAnswer },
      },
      errors: [...RUN, ...REPEATED],
      error: runError,
    },
  },
};
