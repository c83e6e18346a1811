import type { Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Answer, Endpoint } from '../http/endpoint.js';
import { confirmSource } from '../sync/confirm-source.js';
import { cancelJob, pauseTable, resumeTable } from '../sync/control.js';
import { recordChanges } from './audit.js';
import { objectId, tableIdField } from './fields.js';
import { withoutBlanks } from './forgiving.js';
import { jobView } from './job-view.js';
import { method, type Services } from './services.js';

const ACTIONS = ['cancel', 'pause', 'resume', 'confirm-source'] as const;

const body = withoutBlanks(
  z.strictObject({
    action: z.enum(ACTIONS, { error: `must be one of ${ACTIONS.join(', ')}` }),
    jobId: objectId.optional(),
    tableId: tableIdField.optional(),
  }),
);

export const syncControl: Endpoint<Services> = {
  name: 'sync-control',
  methods: {
    POST: method({
      access: 'write',
      body,
      async handle(call) {
        const { body, services } = call;
        const { action, jobId, tableId } = body;
        const given = await services();
        const { body: answer, ...subject } =
          action === 'cancel'
            ? await cancel(given, jobId ?? missing('jobId', action))
            : await changeTable(given, action, tableId ?? missing('tableId', action));
        const name = action === 'cancel' ? 'run.cancel' : `table.${action}`;
        await recordChanges(call, [{ action: name, ...subject }]);
        return { body: answer };
      },
    }),
  },
};

interface Done {
  readonly body: Answer['body'];
  readonly target: string;
  readonly tableId: string;
}

async function cancel({ sync, clock }: Services, jobId: Types.ObjectId): Promise<Done> {
  const job = await cancelJob(await sync({ withoutLake: true }), jobId);
  const body = { message: `Sync of ${job.tableName} canceled`, job: jobView(job, clock.now()) };
  return { body, target: String(jobId), tableId: job.tableId };
}

async function changeTable(
  { tables, store, sync, clock }: Services,
  action: 'pause' | 'resume' | 'confirm-source',
  tableId: string,
): Promise<Done> {
  const table = tables.get(tableId);
  const subject = { target: tableId, tableId };
  switch (action) {
    case 'pause':
      await pauseTable(await store(), tableId);
      return { body: { message: `${table.tableName} is off the schedule`, tableId }, ...subject };
    case 'resume':
      await resumeTable(await store(), tableId, new Date(clock.now()));
      return { body: { message: `${table.tableName} is due again`, tableId }, ...subject };
    case 'confirm-source': {
      const { confirmed, setAside } = await confirmSource(await sync(), table);
      const message = confirmed
        ? `${table.tableName} goes on from the present tenant; its next run is a full one`
        : `${table.tableName} is of the present tenant already`;
      return { body: { message, tableId, ...(setAside && { setAside }) }, ...subject };
    }
  }
}

function missing(field: string, action: string): never {
  throw new AppError('VALIDATION_FAILED', `Check these fields: ${field}.`, {
    details: [{ field, message: `is needed for the action ${action}` }],
  });
}
