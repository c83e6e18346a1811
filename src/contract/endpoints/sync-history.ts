import { z } from 'zod';
import { syncHistory } from '../../api/sync-history.js';
import { DATABASE, REPEATED } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { historyEntry } from '../schemas/history-entry.js';
import { pagination } from '../schemas/pagination.js';

export const syncHistoryContract: EndpointContract = {
  endpoint: syncHistory,
  operations: {
    GET: {
      summary: 'Past and active runs, newest first',
      answers: {
        200: {
          description: 'One page of the history',
          body: z.strictObject({ history: z.array(historyEntry), pagination }),
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE'],
    },
    POST: {
      idempotent: true,
      summary: 'Record a run that was made elsewhere',
      answers: { 201: { description: 'The new entry', body: historyEntry } },
      errors: [...DATABASE, ...REPEATED, 'UNKNOWN_TABLE'],
    },
  },
};
