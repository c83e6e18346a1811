import { z } from 'zod';
import { syncReconcile } from '../../api/sync-reconcile.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { certificate, difference, heldDeletes } from '../schemas/certificate.js';
import { pagination } from '../schemas/pagination.js';

export const comparison = z.strictObject({
  certificate,
  differences: z.array(difference),
  heldDeletes: heldDeletes.nullable(),
  pagination,
});

export const syncReconcileContract: EndpointContract = {
  endpoint: syncReconcile,
  operations: {
    GET: {
      summary: 'How MongoDB differs from the lake',
      description:
        'By the latest reconcile of a table (`tableId`) or an earlier one (`jobId`), one of which is required. With `Accept: application/x-ndjson` the answer is all open differences, one per line. With `held=true` only those on the held list of deletes.',
      answers: {
        200: {
          description: 'The certificate, and a page of the differences that are open now',
          body: comparison,
          line: difference,
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE', 'CERTIFICATE_NOT_FOUND'],
    },
  },
};
