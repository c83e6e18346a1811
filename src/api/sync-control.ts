import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { confirmSource } from '../sync/confirm-source.js';
import { tableId } from './fields.js';
import { method, type Services } from './services.js';

const body = z.strictObject({
  tableId,
  action: z.enum(['confirm-source'], { error: 'must be confirm-source' }),
});

export const syncControl: Endpoint<Services> = {
  name: 'sync-control',
  methods: {
    POST: method({
      access: 'write',
      body,
      async handle({ body, services }) {
        const { tables, sync } = await services();
        const table = tables.get(body.tableId);
        const setAside = await confirmSource(await sync(), table);
        return {
          body: {
            message: `${table.tableName} goes on from the present tenant; its next run is a full one`,
            tableId: table.tableId,
            ...(setAside && { setAside }),
          },
        };
      },
    }),
  },
};
