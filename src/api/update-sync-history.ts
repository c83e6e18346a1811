import { z } from 'zod';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError } from '../errors/app-error.js';
import type { Endpoint } from '../http/endpoint.js';
import type { SyncHistory } from '../models/sync-history.js';
import { statusOf } from '../sync/outcome.js';
import { objectId } from './fields.js';
import {
  durationOf,
  HISTORY_READ_ONLY,
  type HistoryFields,
  historyFields,
  historyFieldsOf,
} from './history-fields.js';
import { ignored } from './ignored.js';
import { historyView } from './job-view.js';
import { method, type Services } from './services.js';

const query = z.strictObject({ id: objectId });

/** Which run an entry belongs to is not corrected: those fields are only carried along. */
const body = z.strictObject({
  ...historyFields,
  ...ignored([...HISTORY_READ_ONLY, 'tableId', 'tableName', 'syncJobId']),
});

export const updateSyncHistory: Endpoint<Services> = {
  name: 'update-sync-history',
  methods: {
    PUT: method({
      access: 'write',
      query,
      body,
      async handle({ query: { id: _id }, body, services }) {
        const { models, clock } = await services();
        const history = native((await models()).history);
        const stored = await withRetry(() => history.findOne({ _id }), { clock });
        if (!stored) throw new AppError('HISTORY_NOT_FOUND');
        const update = correction(stored, historyFieldsOf(body));
        const corrected = await withRetry(
          () => history.findOneAndUpdate({ _id }, update, { returnDocument: 'after' }),
          { clock },
        );
        if (!corrected) throw new AppError('HISTORY_NOT_FOUND');
        return { body: historyView(corrected) };
      },
    }),
  },
};

function correction(stored: SyncHistory, fields: HistoryFields) {
  const changes = {
    ...fields,
    ...correctedDuration(stored, fields),
    ...(contradicts(stored, fields.status) && { outcome: null }),
    updatedAt: new Date(),
  };
  const entries = Object.entries(changes);
  const set = entries.filter(([, value]) => value !== null);
  const gone = entries.filter(([, value]) => value === null);
  return {
    $set: Object.fromEntries(set),
    ...(gone.length > 0 && {
      $unset: Object.fromEntries(gone.map(([name]) => [name, '' as const])),
    }),
  };
}

/** A duration that equals the stored one was carried along, and follows the times. */
function correctedDuration(
  stored: SyncHistory,
  { startTime = stored.startTime, endTime = stored.endTime, duration }: HistoryFields,
): { duration?: number | null } {
  const fromTimes = durationOf(startTime, endTime);
  if (duration !== undefined && duration !== (stored.duration ?? null)) return { duration };
  const sameTimes =
    startTime.getTime() === stored.startTime.getTime() &&
    endTime?.getTime() === stored.endTime?.getTime();
  return sameTimes ? {} : { duration: fromTimes };
}

/** An outcome tells how a run ended: one that the corrected status denies is dropped. */
function contradicts({ outcome }: SyncHistory, status: SyncHistory['status'] | undefined) {
  if (outcome === undefined || status === undefined) return false;
  return status !== statusOf(outcome);
}
