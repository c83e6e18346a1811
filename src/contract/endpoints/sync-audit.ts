import { z } from 'zod';
import { syncAudit } from '../../api/sync-audit.js';
import type { AuditEntry } from '../../models/audit.js';
import { DATABASE } from '../errors.js';
import type { EndpointContract } from '../operation.js';
import { anything, id, time } from '../schemas/fields.js';
import { pagination } from '../schemas/pagination.js';
import type { Shape } from '../shape.js';

export const change = z
  .strictObject({
    _id: id,
    ...({
      at: time,
      caller: z.string().describe("The token's name; `anyone` if the site asks for none"),
      address: z.string().nullable(),
      requestId: z.string(),
      action: z.string().meta({ examples: ['config.update'] }),
      target: z.string().nullable(),
      tableId: z.string().optional(),
      before: anything.optional().describe('The fields that differ, as they were'),
      after: anything.optional().describe('The same fields, as they are'),
    } satisfies Shape<AuditEntry>),
  })
  .meta({ id: 'AuditEntry' });

export const syncAuditContract: EndpointContract = {
  endpoint: syncAudit,
  operations: {
    GET: {
      summary: 'Who changed what, newest first',
      description: 'Needs a write token: it shows names and addresses.',
      answers: {
        200: {
          description: 'One page of the changes',
          body: z.strictObject({ changes: z.array(change), pagination }),
        },
      },
      errors: [...DATABASE, 'UNKNOWN_TABLE'],
    },
  },
};
