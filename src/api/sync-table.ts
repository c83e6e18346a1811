import { z } from 'zod';
import { toAppError } from '../errors/app-error.js';
import { AnsweredError } from '../http/answered-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncJob } from '../models/sync-job.js';
import { checkRequest } from '../sync/plan.js';
import { recordChanges } from './audit.js';
import { defaultSettings, newConfig } from './config-document.js';
import { anyTable, batchSize, maxRecords, PUBLISHED_TIME, tableIdField, whseid } from './fields.js';
import { digitsToo, tableNamed, withoutBlanks } from './forgiving.js';
import { idempotent } from './idempotent.js';
import { createDefault } from './init-sync-config.js';
import { limitStarts } from './limit-starts.js';
import {
  DEFAULT_WAIT_S,
  LONGEST_WAIT_S,
  rejoinForCaller,
  runAnswer,
  runForCaller,
} from './run-answer.js';
import { method, type Services } from './services.js';

const date = z.string({ error: 'must be a date such as 2025-12-31' }).max(40).meta(PUBLISHED_TIME);

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
      handle: idempotent('sync-table', async (call, work) => {
        const { query, body, services, siteUrl, idle } = call;
        const { wait = DEFAULT_WAIT_S, ...fields } = body;
        const { tables, clock, store, sync, sender } = await services();
        const table = tables.get(tableNamed(fields, query));
        const request = { ...fields, tableId: table.tableId };
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
        const caller = {
          ...{ send: sender(siteUrl, idle), began, wait },
          onStart: (job: SyncJob) => recordStart(job, false),
        };
        if (work.isRepeat) {
          const rejoined = await rejoinForCaller(await sync(), work.id, caller);
          if (rejoined) return runAnswer(rejoined);
        }
        await limitStarts(call);
        const context = await sync();
        const run = () => runForCaller(context, { ...request, jobId: work.id }, caller);
        const result = await run().catch(async (error) => {
          const hasBegun = error instanceof AnsweredError;
          if (hasBegun || toAppError(error).code !== 'CONFIG_NOT_FOUND') throw error;
          // A request that contradicts itself leaves no configuration behind.
          checkRequest(table, newConfig(defaultSettings(table)), request);
          await recordChanges(call, await createDefault(await store(), table));
          return run();
        });
        if (result.resumed) await recordStart(result.job, true);
        return runAnswer(result);
      }),
    }),
  },
};
