import { z } from 'zod';
import { toAppError } from '../errors/app-error.js';
import { asAppError, storedError } from '../errors/error-fields.js';
import { AnsweredError } from '../http/answered-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncJob } from '../models/sync-job.js';
import { checkRequest } from '../sync/plan.js';
import { runTable } from '../sync/run-table.js';
import { recordChanges } from './audit.js';
import { defaultSettings, newConfig } from './config-document.js';
import { anyTable, batchSize, maxRecords, tableIdField, whseid } from './fields.js';
import { digitsToo, tableNamed, withoutBlanks } from './forgiving.js';
import { createDefault } from './init-sync-config.js';
import { statsView } from './job-view.js';
import { limitStarts } from './limit-starts.js';
import { method, type Services } from './services.js';

/** Seconds that a request waits for the end of its run before a worker takes over. */
const DEFAULT_WAIT_S = 20;
/** A synchronous function ends after 60 s; the last page and the answer need their time. */
const LONGEST_WAIT_S = 45;

const date = z.string({ error: 'must be a date such as 2025-12-31' }).max(40);

const fields = z.strictObject({
  tableId: tableIdField.optional(),
  mode: z
    .enum(['incremental', 'full', 'backfill', 'reconcile'], {
      error: 'must be incremental, full, backfill or reconcile',
    })
    .optional(),
  /** With `mode: "full"`: stored versions give way to what the lake shows, whatever their times. */
  rebuild: z.boolean({ error: 'must be true or false' }).optional(),
  /** With `mode: "reconcile"`: differences are mended, not only reported. */
  repair: z.boolean({ error: 'must be true or false' }).optional(),
  /** With `mode: "reconcile"`: every row is read, and every value compared. */
  deep: z.boolean({ error: 'must be true or false' }).optional(),
  whseid: whseid.optional(),
  startDate: date.optional(),
  endDate: date.optional(),
  dateColumn: z.string().min(1).max(60).optional(),
  batchSize: batchSize.optional(),
  maxRecords: maxRecords.optional(),
  /** Seconds to wait for the end of the run; 0: it is only started. */
  wait: digitsToo(
    z
      .number({ error: 'must be a number of seconds' })
      .min(0, { error: 'must be 0 or more' })
      .max(LONGEST_WAIT_S, { error: `must be at most ${LONGEST_WAIT_S} seconds` }),
  ).optional(),
  force: z.boolean({ error: 'must be true or false' }).optional(),
});

/** Forms send what is not filled in as null or as an empty text. */
const body = withoutBlanks(fields);
const query = z.strictObject({ tableId: anyTable });

export const syncTable: Endpoint<Services> = {
  name: 'sync-table',
  methods: {
    POST: method({
      access: 'write',
      query,
      body,
      async handle(call) {
        const { query, body, services, siteUrl } = call;
        const { wait = DEFAULT_WAIT_S, ...fields } = body;
        const { tables, clock, store, sync, sender } = await services();
        const table = tables.get(tableNamed(fields, query));
        const request = { ...fields, tableId: table.tableId };
        await limitStarts(call);
        const context = await sync();
        const began = clock.now();
        const recordStart = ({ _id, tableId }: SyncJob, resumed: boolean) =>
          recordChanges(call, [
            {
              action: 'run.start',
              target: String(_id),
              tableId,
              after: { resumed, ...request },
            },
          ]);
        const begun: { job?: SyncJob } = {};
        const run = () =>
          runTable(context, request, sender(siteUrl), {
            waitDeadline: began + wait * 1000,
            requestDeadline: began + LONGEST_WAIT_S * 1000,
            // Before the work: the time of the function may end in the middle of it.
            onStart: (job) => {
              begun.job = job;
              return recordStart(job, false);
            },
          }).catch((error) => {
            // The run goes on by the schedule: the caller, and who reads the log, can follow it.
            throw begun.job ? new AnsweredError(toAppError(error), idsOf(begun.job)) : error;
          });
        const { job, resumed, handedOn } = await run().catch(async (error) => {
          if (begun.job || toAppError(error).code !== 'CONFIG_NOT_FOUND') throw error;
          // A request that contradicts itself leaves no configuration behind.
          checkRequest(table, newConfig(defaultSettings(table)), request);
          await recordChanges(call, await createDefault(await store(), table));
          return run();
        });
        if (resumed) await recordStart(job, true);
        const answer = { ...jobAnswer(job), ...(resumed && { resumed }) };
        const error = storedError(job);
        if (error) throw new AnsweredError(asAppError(error), answer);
        if (job.active) return { status: 202, body: { ...underWay(job, handedOn), ...answer } };
        return { body: { message: messageOf(job, resumed), ...answer } };
      },
    }),
  },
};

function idsOf({ _id, historyId, tableId }: SyncJob) {
  return { jobId: String(_id), historyId: String(historyId), tableId };
}

function jobAnswer(job: SyncJob) {
  const { _id, status, outcome, mode, warnings } = job;
  return {
    ...idsOf(job),
    status,
    ...(outcome && { outcome }),
    mode,
    statusUrl: `/.netlify/functions/sync-status?jobId=${String(_id)}`,
    stats: statsView(job),
    ...(job.proof && { proof: job.proof }),
    ...(job.reconcile?.result && { reconcile: job.reconcile.result }),
    warnings,
  };
}

function underWay(job: SyncJob, handedOn: boolean): { message: string } {
  const what = `Sync of ${job.tableName}`;
  if (job.finishing) {
    return { message: `${what} has ended, but that cannot be recorded; the schedule tries again` };
  }
  const how = handedOn ? '' : ' but no worker could be started; ask again to go on';
  return { message: `${what} is under way${how}` };
}

function messageOf(job: SyncJob, resumed: boolean): string {
  const what = `Sync of ${job.tableName} completed`;
  const how = resumed ? ' (an interrupted run went on)' : '';
  switch (job.outcome) {
    case 'nothing_new':
      return `${what}: nothing new${how}`;
    case 'partial':
      return `${what} in part: maxRecords was reached${how}`;
    case 'with_rejects':
      return `${what}, with rejected rows${how}`;
    default:
      return `${what}${how}`;
  }
}
