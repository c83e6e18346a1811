import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import { validate } from '../http/input.js';
import { presentEntry } from '../models/earlier-record.js';
import type { SyncHistory } from '../models/sync-history.js';
import { statusOf } from '../sync/outcome.js';
import { difference, recordChanges } from './audit.js';
import { objectId } from './fields.js';
import {
  durationFrom,
  HISTORY_READ_ONLY,
  type HistoryChange,
  historyChangeOf,
  historyFields,
  withoutEmptyFields,
} from './history-fields.js';
import { changedIn, ignored } from './ignored.js';
import { historyView } from './job-view.js';
import { method, type Services } from './services.js';

const query = z.strictObject({ id: objectId });

/** Which run an entry belongs to is not corrected: those fields are only carried along. */
export const correctable = z.strictObject({
  ...historyFields,
  ...ignored([...HISTORY_READ_ONLY, 'tableId', 'tableName', 'syncJobId']),
});

export const updateSyncHistory: Endpoint<Services> = {
  name: 'update-sync-history',
  methods: {
    PUT: method({
      access: 'write',
      query,
      body: z.record(z.string(), z.unknown()),
      async handle(call) {
        const { query, body, services, log } = call;
        const { id: _id } = query;
        const { store } = await services();
        const { history } = await store();
        let before: Readonly<Record<string, unknown>> = {};
        const correct = (entry: SyncHistory) => {
          const stored = presentEntry(entry);
          before = historyView(stored);
          const changed = validate(correctable, withoutEmptyFields(changedIn(before, body)));
          return correction(stored, historyChangeOf(changed));
        };
        const corrected = await history.correct(_id, correct);
        if (!corrected) throw new AppError('HISTORY_NOT_FOUND');
        await history.countRunsQuietly(corrected.tableId, log);
        const view = historyView(corrected);
        const change = difference(before, view, Object.keys({ ...before, ...view }));
        const subject = { target: String(_id), tableId: corrected.tableId };
        if (change)
          await recordChanges(call, [{ action: 'history.update', ...subject, ...change }]);
        return { body: view };
      },
    }),
  },
};

function correction(stored: SyncHistory, fields: HistoryChange) {
  return {
    ...fields,
    ...correctedDuration(stored, fields),
    ...(contradicts(stored, fields.status) && { outcome: null }),
    updatedAt: new Date(),
  };
}

/** A duration that nobody has changed follows the times. */
function correctedDuration(
  stored: SyncHistory,
  { startTime = stored.startTime, endTime = stored.endTime, durationMs }: HistoryChange,
): { durationMs?: number | null } {
  const fromTimes = durationFrom(startTime, endTime);
  if (durationMs !== undefined) return { durationMs };
  const sameTimes =
    startTime?.getTime() === stored.startTime?.getTime() &&
    endTime?.getTime() === stored.endTime?.getTime();
  return sameTimes ? {} : { durationMs: fromTimes };
}

/** An outcome tells how a run ended: one that the corrected status denies is dropped. */
function contradicts({ outcome }: SyncHistory, status: SyncHistory['status'] | undefined) {
  if (outcome === undefined || status === undefined) return false;
  return status !== statusOf(outcome);
}
