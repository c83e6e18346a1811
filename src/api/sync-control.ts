import type { Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Answer, Endpoint } from '../http/endpoint.js';
import { confirmSource } from '../sync/confirm-source.js';
import { cancelJob, pauseTable, resumeTable } from '../sync/control.js';
import { objectId, tableId } from './fields.js';
import { jobView } from './job-view.js';
import { method, type Services } from './services.js';

const ACTIONS = ['cancel', 'pause', 'resume', 'confirm-source'] as const;

const body = z.strictObject({
  action: z.enum(ACTIONS, { error: `must be one of ${ACTIONS.join(', ')}` }),
  jobId: objectId.optional(),
  tableId: tableId.optional(),
});

export const syncControl: Endpoint<Services> = {
  name: 'sync-control',
  methods: {
    POST: method({
      access: 'write',
      body,
      async handle({ body: { action, jobId, tableId: table }, services }) {
        const given = await services();
        if (action === 'cancel') return cancel(given, jobId ?? missing('jobId', action));
        return changeTable(given, action, table ?? missing('tableId', action));
      },
    }),
  },
};

async function cancel({ sync, clock }: Services, jobId: Types.ObjectId): Promise<Answer> {
  const job = await cancelJob(await sync({ withoutLake: true }), jobId);
  return { body: { message: `Sync of ${job.tableName} canceled`, job: jobView(job, clock.now()) } };
}

async function changeTable(
  { tables, models, sync, clock }: Services,
  action: 'pause' | 'resume' | 'confirm-source',
  id: string,
): Promise<Answer> {
  const table = tables.get(id);
  const database = { models: await models(), clock };
  switch (action) {
    case 'pause':
      await pauseTable(database, id);
      return { body: { message: `${table.tableName} is off the schedule`, tableId: id } };
    case 'resume':
      await resumeTable(database, id);
      return { body: { message: `${table.tableName} is due again`, tableId: id } };
    case 'confirm-source': {
      const { confirmed, setAside } = await confirmSource(await sync(), table);
      const message = confirmed
        ? `${table.tableName} goes on from the present tenant; its next run is a full one`
        : `${table.tableName} is of the present tenant already`;
      return { body: { message, tableId: id, ...(setAside && { setAside }) } };
    }
  }
}

function missing(field: string, action: string): never {
  throw new AppError('VALIDATION_FAILED', `Check these fields: ${field}.`, {
    details: [{ field, message: `is needed for the action ${action}` }],
  });
}
