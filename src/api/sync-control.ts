import type { Types } from 'mongoose';
import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Answer, Change, Endpoint } from '../http/endpoint.js';
import { confirmSource } from '../sync/confirm-source.js';
import { cancelJob, pauseTable, resumeTable } from '../sync/control.js';
import type { TableDefinition } from '../tables/table.js';
import { difference, recordChanges } from './audit.js';
import { confirmDeletes, discard } from './decide-deletes.js';
import { objectId, tableIdField } from './fields.js';
import { withoutBlanks } from './forgiving.js';
import { idempotent } from './idempotent.js';
import { jobView } from './job-view.js';
import { method, type Services } from './services.js';

const OF_DELETES = { 'confirm-deletes': confirmDeletes, 'discard-deletes': discard } as const;
const ACTIONS = [
  'cancel',
  'pause',
  'resume',
  'confirm-source',
  'confirm-deletes',
  'discard-deletes',
] as const;

const body = withoutBlanks(
  z.strictObject({
    action: z.enum(ACTIONS, { error: `must be one of ${ACTIONS.join(', ')}` }),
    jobId: objectId.optional(),
    tableId: tableIdField.optional(),
    /** Of a held list of deletes, as GET sync-reconcile shows it. */
    hash: z
      .string({ error: 'must be the hash of a list of deletes' })
      .regex(/^[0-9a-f]{64}$/, { error: 'must be a hash of 64 hexadecimal digits' })
      .optional(),
  }),
);

export const syncControl: Endpoint<Services> = {
  name: 'sync-control',
  methods: {
    POST: method({
      access: 'write',
      body,
      handle: idempotent('sync-control', async (call, work) => {
        const { body, services } = call;
        const { action, jobId, tableId, hash } = body;
        if (action === 'confirm-deletes' || action === 'discard-deletes') {
          const wanted = {
            tableId: tableId ?? missing('tableId', action),
            hash: hash ?? missing('hash', action),
          };
          return OF_DELETES[action](call, wanted, work);
        }
        const given = await services();
        const { body: answer, ...subject } =
          action === 'cancel'
            ? await cancel(given, jobId ?? missing('jobId', action))
            : await changeTable(given, action, tableId ?? missing('tableId', action));
        const name = action === 'cancel' ? 'run.cancel' : `table.${action}`;
        await recordChanges(call, [{ action: name, ...subject }]);
        return { body: answer };
      }),
    }),
  },
};

/** What the audit shows of a run, and of a table's configuration. */
const OF_RUN = ['status', 'outcome', 'phase'] as const;
const OF_TABLE = [
  'pausedReason',
  'failureCount',
  'nextRunAt',
  'sourceHash',
  'initialSync',
  'epoch',
] as const;

/** The answer, and what the audit records. */
interface Done extends Omit<Change, 'action'> {
  readonly body: Answer['body'];
}

async function cancel({ sync, clock }: Services, jobId: Types.ObjectId): Promise<Done> {
  const context = await sync({ withoutLake: true });
  const before = await context.store.jobs.find(jobId);
  const job = await cancelJob(context, jobId);
  const view = jobView(job, clock.now());
  const body = { message: `Sync of ${job.tableName} canceled`, job: view };
  const change = before && difference(jobView(before, clock.now()), view, OF_RUN);
  return { body, target: String(jobId), tableId: job.tableId, ...change };
}

type TableAction = Exclude<(typeof ACTIONS)[number], 'cancel' | keyof typeof OF_DELETES>;

async function changeTable(
  services: Services,
  action: TableAction,
  tableId: string,
): Promise<Done> {
  const table = services.tables.get(tableId);
  const { configs } = await services.store();
  const before = await configs.find(tableId);
  const answer = await TABLE_ACTIONS[action](services, table);
  const after = await configs.find(tableId);
  const change = before && after && difference(before, after, OF_TABLE);
  return { body: { ...answer, tableId }, target: tableId, tableId, ...change };
}

/** What each action does, and its answer. */
const TABLE_ACTIONS: Readonly<
  Record<TableAction, (services: Services, table: TableDefinition) => Promise<{ message: string }>>
> = {
  async pause({ store }, { tableId, tableName }) {
    await pauseTable(await store(), tableId);
    return { message: `${tableName} is off the schedule` };
  },
  async resume({ store, clock }, { tableId, tableName }) {
    await resumeTable(await store(), tableId, new Date(clock.now()));
    return { message: `${tableName} is due again` };
  },
  async 'confirm-source'({ sync }, table) {
    const { confirmed, setAside } = await confirmSource(await sync(), table);
    const message = confirmed
      ? `${table.tableName} goes on from the present tenant; its next run is a full one`
      : `${table.tableName} is of the present tenant already`;
    return { message, ...(setAside && { setAside }) };
  },
};

function missing(field: string, action: string): never {
  throw new AppError('VALIDATION_FAILED', `Check these fields: ${field}.`, {
    details: [{ field, message: `is needed for the action ${action}` }],
  });
}
