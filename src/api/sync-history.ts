import { z } from 'zod';
import type { Answer, Endpoint } from '../http/endpoint.js';
import { NO_RECORDS, type SyncHistory } from '../models/sync-history.js';
import { difference, recordChanges } from './audit.js';
import { anyTable, objectId, refuseUnknownTable, tableIdField } from './fields.js';
import { blankIsAbsent, withoutBlanks } from './forgiving.js';
import {
  durationFrom,
  HISTORY_READ_ONLY,
  type HistoryChange,
  historyChangeOf,
  historyFields,
  runStatus,
} from './history-fields.js';
import { idempotent } from './idempotent.js';
import { ignored } from './ignored.js';
import { historyView } from './job-view.js';
import { paginationOf, paging, period, refuseTwoPages, wholeNumber } from './paging.js';
import { method, type Services } from './services.js';

const MOST_DAYS = 90;
const DAY_MS = 86_400_000;

const query = z.strictObject({
  tableId: anyTable,
  status: blankIsAbsent(runStatus),
  days: blankIsAbsent(wholeNumber(MOST_DAYS)),
  ...period,
  ...paging,
});

const body = withoutBlanks(
  z.strictObject({
    tableId: tableIdField,
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
      async handle({ query, services }) {
        const { store, tables, clock } = await services();
        const { history } = await store();
        refuseTwoPages(query);
        const { tableId, days, ...page } = query;
        const [found, byDay] = await Promise.all([
          history.page({ tableId, ...page }),
          days && history.byDay({ tableId, since: firstOf(days, clock.now()) }),
        ]);
        refuseUnknownTable(tables, tableId, await history.recordsOf(tableId, found.total));
        return {
          body: {
            history: found.entries.map(historyView),
            ...(byDay && { days: byDay }),
            pagination: paginationOf(query, found),
          },
        };
      },
    }),
    POST: method({
      access: 'write',
      body,
      handle: idempotent('sync-history', async (call, work) => {
        const { body, services, log } = call;
        const { store, tables, clock } = await services();
        const { tableId } = tables.get(body.tableId);
        const of = { tableId, tableName: body.tableName, syncJobId: String(body.syncJobId) };
        const fields = newEntry(historyChangeOf(body), new Date(clock.now()));
        // Its code and details are whatever the caller recorded.
        const entry = { ...of, ...fields, _id: work.id } as SyncHistory;
        const { history } = await store();
        const made = work.isRepeat ? await history.find(work.id) : null;
        if (made) return created(made);
        await history.open(entry);
        await history.countRunsQuietly(tableId, log);
        const view = historyView(entry);
        const subject = { target: String(entry._id), tableId };
        const change = difference({}, view, Object.keys(view));
        await recordChanges(call, [{ action: 'history.create', ...subject, ...change }]);
        return created(entry);
      }),
    }),
  },
};

/** When the first of the latest days began, of which today is the last; in UTC. */
function firstOf(days: number, now: number): Date {
  return new Date((Math.floor(now / DAY_MS) - days + 1) * DAY_MS);
}

function created(entry: SyncHistory): Answer {
  const Location = `/.netlify/functions/sync-status?historyId=${String(entry._id)}`;
  return { status: 201, headers: { Location }, body: historyView(entry) };
}

function newEntry(fields: HistoryChange, now: Date) {
  const { startTime = now, endTime } = fields;
  const fromTimes = durationFrom(startTime, endTime);
  const { durationMs = fromTimes } = fields;
  const given = Object.entries({ ...fields, durationMs }).filter(([, value]) => value !== null);
  return {
    status: 'in_progress' as const,
    startTime,
    ...NO_RECORDS,
    options: {},
    ...Object.fromEntries(given),
    createdAt: now,
    updatedAt: now,
  };
}
