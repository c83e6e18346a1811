import { z } from 'zod';
import { tableIdField } from '../../api/fields.js';
import { withoutBlanks } from '../../api/forgiving.js';
import { syncRejects } from '../../api/sync-rejects.js';
import type { SyncReject } from '../../models/sync-reject.js';
import type { RetryResult } from '../../sync/retry-rejects.js';
import { DATABASE, RUN } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { anything, count, id, tableId, time } from '../schemas/fields.js';
import { pagination } from '../schemas/pagination.js';
import type { Shape } from '../shape.js';

const forWriters = 'Left out for read tokens';
type ShownReject = Omit<SyncReject, '_id' | 'open' | 'modifiedAt' | 'raw' | 'unreadable'>;

const reject = z
  .strictObject({
    _id: id,
    state: z.enum(['open', 'resolved']),
    raw: anything.optional().describe(`The row as it came. ${forWriters}`),
    unreadable: z
      .array(
        z.strictObject({
          column: z.string(),
          reason: z.string(),
          value: z.string().optional().describe(`JSON of at most 1,000 characters. ${forWriters}`),
        }),
      )
      .optional()
      .describe('Values without which the row is stored'),
    ...({
      tableId,
      identity: z.string().optional().describe(forWriters),
      reason: z.string(),
      column: z.string(),
      message: z.string().optional().describe(forWriters),
      jobId: z.string().optional(),
      firstSeenAt: time,
      lastSeenAt: time,
      resolvedAt: time.optional(),
      resolution: z.enum(['arrived', 'gone', 'set_aside']).optional(),
      retriedAt: time.optional(),
    } satisfies Shape<ShownReject>),
  })
  .meta({ id: 'Reject' });

export const retried = z.strictObject({
  message: z.string(),
  ...({
    retried: count,
    resolved: count,
    stillRejected: count,
    gone: count,
    remaining: count.describe('Not retried within the 45 s of the call'),
  } satisfies Shape<RetryResult>),
});

export const rejectsPage = z.strictObject({ rejects: z.array(reject), pagination });

const action = z.literal('retry');
const ids = z
  .array(z.string().regex(/^[0-9a-fA-F]{24}$/))
  .min(1)
  .max(1_000);
const wanted = z.union([
  withoutBlanks(z.strictObject({ action, tableId: tableIdField })),
  withoutBlanks(z.strictObject({ action, ids })),
]);

export const syncRejectsContract: EndpointContract = {
  endpoint: syncRejects,
  operations: {
    GET: {
      summary: 'Rows that could not be stored, or only without some values',
      answers: {
        200: {
          description: 'One page of the rejects, the most recently found first',
          body: rejectsPage,
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE'],
    },
    POST: {
      summary: 'Fetch the rows of rejects again',
      requestBody: wanted,
      answers: { 200: { description: 'What became of them', body: retried } },
      errors: RUN,
    },
  },
};
