import { z } from 'zod';
import { AppError, type StoredError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncJob } from '../models/sync-job.js';
import { runTable } from '../sync/run-table.js';
import { jobStats } from '../sync/stats.js';
import { batchSize, maxRecords, tableId, whseid } from './fields.js';
import { method, type Services } from './services.js';

/** A synchronous function ends after 60 s; the last page and the answer need their time. */
const BUDGET_MS = 45_000;

const date = z.string({ error: 'must be a date such as 2025-12-31' }).max(40);

const body = z.strictObject({
  tableId,
  mode: z
    .enum(['incremental', 'full', 'backfill'], {
      error: 'must be incremental, full or backfill',
    })
    .optional(),
  whseid: whseid.optional(),
  startDate: date.optional(),
  endDate: date.optional(),
  dateColumn: z.string().min(1).max(60).optional(),
  batchSize: batchSize.optional(),
  maxRecords: maxRecords.optional(),
  force: z.boolean({ error: 'must be true or false' }).optional(),
});

export const syncTable: Endpoint<Services> = {
  name: 'sync-table',
  methods: {
    POST: method({
      access: 'write',
      body,
      async handle({ body, services }) {
        const { tables, clock, sync } = await services();
        tables.get(body.tableId);
        const context = await sync();
        const deadline = clock.now() + BUDGET_MS;
        const { job, resumed } = await runTable(context, body, 'api', deadline);
        const answer = { ...jobAnswer(job), ...(resumed && { resumed }) };
        if (job.error) throw new AnsweredError(asAppError(job.error), answer);
        if (job.active) {
          const message = `Sync of ${job.tableName} is under way`;
          return { status: 202, body: { message, ...answer } };
        }
        return { body: { message: messageOf(job, resumed), ...answer } };
      },
    }),
  },
};

function jobAnswer(job: SyncJob) {
  const { _id, historyId, tableId: table, status, outcome, mode, warnings } = job;
  return {
    jobId: String(_id),
    historyId: String(historyId),
    tableId: table,
    status,
    ...(outcome && { outcome }),
    mode,
    statusUrl: `/.netlify/functions/sync-status?jobId=${String(_id)}`,
    stats: job.stats.endTime ? job.stats : jobStats(job),
    warnings,
  };
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

function asAppError({ code, message, details }: StoredError): AppError {
  return new AppError(code, message, { details });
}
