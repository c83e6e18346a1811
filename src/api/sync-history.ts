import { Types } from 'mongoose';
import { z } from 'zod';
import type { Endpoint } from '../http/endpoint.js';
import { NO_RECORDS, type SyncHistory } from '../models/sync-history.js';
import { native } from '../store/driver/native.js';
import { withRetry } from '../store/driver/retry.js';
import { notCounted } from '../store/history/change-entry.js';
import { countRunsQuietly } from '../store/history/count-runs.js';
import { entriesInHistory } from '../store/history/read-runs.js';
import { difference, recordChanges } from './audit.js';
import { anyTable, objectId, refuseUnknownTable, tableId } from './fields.js';
import { blankIsAbsent, withoutBlanks } from './forgiving.js';
import {
  durationFrom,
  HISTORY_READ_ONLY,
  type HistoryChange,
  historyChangeOf,
  historyFields,
  runStatus,
} from './history-fields.js';
import { ignored } from './ignored.js';
import { historyView } from './job-view.js';
import { findPage, paging, period, recordsOf, within } from './paging.js';
import { method, type Services } from './services.js';

const query = z.strictObject({
  tableId: anyTable,
  status: blankIsAbsent(runStatus),
  ...period,
  ...paging,
});

const body = withoutBlanks(
  z.strictObject({
    tableId,
    tableName: z.string({ error: 'must be the name of the table' }).min(1).max(100),
    syncJobId: objectId,
    ...historyFields,
    ...ignored(HISTORY_READ_ONLY),
  }),
);

export const syncHistory: Endpoint<Services> = {
  name: 'sync-history',
  methods: {
    GET: method({
      access: 'read',
      query,
      async handle({ query: { tableId: table, status, from, to, ...page }, services }) {
        const { models, tables, clock } = await services();
        const startTime = within({ from, to });
        const filter = {
          ...(table !== undefined && { tableId: table }),
          ...(status !== undefined && { status }),
          ...(startTime && { startTime }),
        };
        const opened = await models();
        const isFiltered = status !== undefined || startTime !== undefined;
        const known = async () =>
          isFiltered ? undefined : entriesInHistory(opened, table, { clock });
        const by = 'startTime';
        const found = await findPage(opened.history, filter, by, page, { clock }, known);
        const { total } = found.pagination;
        refuseUnknownTable(tables, table, await recordsOf(opened.history, table, total, { clock }));
        return {
          body: { history: found.entries.map(historyView), pagination: found.pagination },
        };
      },
    }),
    POST: method({
      access: 'write',
      body,
      async handle(call) {
        const { body, services, log } = call;
        const { models, tables, clock } = await services();
        const { tableId: table } = tables.get(body.tableId);
        const of = { tableId: table, tableName: body.tableName, syncJobId: String(body.syncJobId) };
        const fields = newEntry(historyChangeOf(body), new Date(clock.now()));
        const entry = { ...of, ...fields, ...notCounted(table) };
        const found = await models();
        const history = native(found.history);
        // Its code and details are whatever the caller recorded.
        const once = { $setOnInsert: entry as SyncHistory };
        const insert = () => history.updateOne({ _id: entry._id }, once, { upsert: true });
        await withRetry(insert, { clock });
        await countRunsQuietly(found, table, { clock, log });
        const view = historyView(entry as SyncHistory);
        const about = { target: String(entry._id), tableId: table };
        const change = difference({}, view, Object.keys(view));
        await recordChanges(call, [{ action: 'history.create', ...about, ...change }]);
        return { status: 201, body: view };
      },
    }),
  },
};

function newEntry(fields: HistoryChange, now: Date) {
  const { startTime = now, endTime } = fields;
  const fromTimes = durationFrom(startTime, endTime);
  const { durationMs = fromTimes } = fields;
  const given = Object.entries({ ...fields, durationMs }).filter(([, value]) => value !== null);
  return {
    _id: new Types.ObjectId(),
    status: 'in_progress' as const,
    startTime,
    ...NO_RECORDS,
    options: {},
    ...Object.fromEntries(given),
    createdAt: now,
    updatedAt: now,
  };
}
