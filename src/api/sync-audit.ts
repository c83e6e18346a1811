import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import type { AuditEntry } from '../models/audit.js';
import { anyTable, refuseUnknownTable } from './fields.js';
import { findPage, paging, period, recordsOf, within } from './paging.js';
import { method, type Services } from './services.js';

const query = z.strictObject({
  tableId: anyTable,
  action: z
    .string()
    .regex(/^[a-z]+[.][a-z-]+$/, { error: 'must be an action such as config.update' })
    .optional(),
  caller: z.string().max(40).optional(),
  ...period,
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
        const at = within({ from, to });
        const filter: mongo.Filter<AuditEntry> = {
          ...(tableId !== undefined && { tableId }),
          ...(action !== undefined && { action }),
          ...(caller !== undefined && { caller }),
          ...(at && { at }),
        };
        const { audits } = await models();
        const found = await findPage<AuditEntry>(audits, filter, 'at', page, { clock });
        const { total } = found.pagination;
        refuseUnknownTable(tables, tableId, await recordsOf(audits, tableId, total, { clock }));
        const changes = found.entries.map((entry) => ({ ...entry, _id: String(entry._id) }));
        return { body: { changes, pagination: found.pagination } };
      },
    }),
  },
};
