import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import type { AuditEntry } from '../models/audit.js';
import { anyTable, refuseUnknownTable } from './fields.js';
import { findPage, paging } from './paging.js';
import { method, type Services } from './services.js';

const time = z
  .string()
  .max(40)
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), {
    error: 'must be a time such as 2026-01-31T12:00:00Z',
  })
  .optional();

const query = z.strictObject({
  tableId: anyTable,
  action: z
    .string()
    .regex(/^[a-z]+[.][a-z-]+$/, { error: 'must be an action such as config.update' })
    .optional(),
  caller: z.string().max(40).optional(),
  /** From this time on, and before that one. */
  from: time,
  to: time,
  ...paging,
});

/** Who has changed what. It names people and their addresses: for who may write. */
export const syncAudit: Endpoint<Services> = {
  name: 'sync-audit',
  methods: {
    GET: method({
      access: 'write',
      query,
      async handle({ query: { tableId, action, caller, from, to, ...page }, services }) {
        const { models, tables, clock } = await services();
        const at = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
        const filter: mongo.Filter<AuditEntry> = {
          ...(tableId !== undefined && { tableId }),
          ...(action !== undefined && { action }),
          ...(caller !== undefined && { caller }),
          ...((from || to) && { at }),
        };
        const { audits } = await models();
        const newestFirst = { at: -1, _id: -1 } as const;
        const found = await findPage<AuditEntry>(audits, filter, newestFirst, page, { clock });
        refuseUnknownTable(tables, tableId, { found: found.pagination.total });
        const changes = found.entries.map((entry) => ({ ...entry, _id: String(entry._id) }));
        return { body: { changes, pagination: found.pagination } };
      },
    }),
  },
};
