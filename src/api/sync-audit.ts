import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { anyTable, refuseUnknownTable } from './fields.js';
import { paginationOf, paging, period, refuseTwoPages } from './paging.js';
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
      async handle({ query, services }) {
        const { store, tables } = await services();
        const { audits } = await store();
        refuseTwoPages(query);
        const found = await audits.page(query);
        const { tableId } = query;
        refuseUnknownTable(tables, tableId, await audits.recordsOf(tableId, found.total));
        const changes = found.entries.map((entry) => ({ ...entry, _id: String(entry._id) }));
        return { body: { changes, pagination: paginationOf(query, found) } };
      },
    }),
  },
};
