import { mongo } from 'mongoose';
import type { StoredError } from '../../errors/app-error.js';
import type { Models } from '../../models/index.js';
import { type RetryScope, withRetry } from '../retry.js';
import { ageOf, batchesOf, type Documents, databaseOf } from './documents.js';
import { type AdoptionPlan, type AdoptionStep, counted, NOTHING } from './step.js';

/** A present job has its phase, a present history entry its count of unchanged rows. */
const EARLIER_JOB = { phase: { $exists: false } };
const EARLIER_ENTRY = { recordsUnchanged: { $exists: false } };

/** The earlier version's words for a run that has not ended. */
const UNFINISHED = new Set(['pending', 'in_progress', 'active', 'running']);

/**
 * Jobs and history stay where they are and get what the present answers show. A run that
 * had not ended has nobody left to end it: it has failed.
 */
export async function planRuns(models: Models, scope: RetryScope): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const jobs = db.collection(models.jobs.collection.collectionName);
  const history = db.collection(models.history.collection.collectionName);
  const steps = [
    ...(await stepFor('job', jobs, EARLIER_JOB, scope, async (batch) => {
      const entries = await entriesOf(batch, history);
      return batch.map((job) => jobChange(job, entries.get(String(job._id))));
    })),
    ...(await stepFor('history entry', history, EARLIER_ENTRY, scope, async (batch) =>
      batch.map(entryChange),
    )),
  ];
  return { ...NOTHING, steps };
}

type Found = mongo.WithId<mongo.Document>;

async function stepFor(
  noun: 'job' | 'history entry',
  collection: Documents,
  earlier: object,
  scope: RetryScope,
  changesOf: (batch: readonly Found[]) => Promise<object[]>,
): Promise<AdoptionStep[]> {
  const count = await withRetry(() => collection.countDocuments(earlier), scope);
  if (count === 0) return [];
  const unfinished = await withRetry(
    () => collection.countDocuments({ ...earlier, status: { $in: [...UNFINISHED] } }),
    scope,
  );
  const ended = unfinished > 0 ? `; ${unfinished} had not ended and count as failed` : '';
  const subject =
    noun === 'job' ? counted(count, 'job') : `${count.toLocaleString('en')} in the history`;
  return [
    {
      what: `${collection.collectionName}: ${subject} of the earlier version made readable${ended}`,
      run: () =>
        withRetry(async () => {
          for await (const batch of batchesOf(collection, earlier)) {
            const changes = await changesOf(batch);
            const writes = batch.map(({ _id }, index) => ({
              updateOne: { filter: { _id, ...earlier }, update: { $set: changes[index] ?? {} } },
            }));
            await collection.bulkWrite(writes, { ordered: false });
          }
        }, scope),
    },
  ];
}

async function entriesOf(batch: readonly Found[], history: Documents): Promise<Map<string, Found>> {
  const ids = batch.flatMap(({ _id }) => [_id, String(_id)]);
  const entries = await history.find({ syncJobId: { $in: ids } }).toArray();
  return new Map(entries.map((entry) => [String(entry.syncJobId), entry]));
}

function jobChange(job: Found, entry: Found | undefined): object {
  const stats: mongo.Document = { ...job.stats };
  const { startTime, endTime } = timesOf(job, stats);
  return {
    phase: 'ended',
    historyId: entry?._id ?? new mongo.ObjectId(),
    ...(job.tableId === undefined && entry && { tableId: entry.tableId }),
    ...(job.tableName === undefined && entry && { tableName: entry.tableName }),
    stats: {
      ...stats,
      startTime,
      endTime,
      duration: stats.duration ?? endTime.getTime() - startTime.getTime(),
    },
    totalRecords: stats.totalRecords ?? 0,
    limit: { rows: 0, keepRest: false },
    segments: [],
    warnings: [],
    heartbeat: endTime,
    ...endOf(job),
  };
}

function entryChange(entry: Found): object {
  const { recordsProcessed = 0, recordsInserted = 0, recordsUpdated = 0 } = entry;
  return {
    startTime: timesOf(entry, entry).startTime,
    syncJobId: String(entry.syncJobId),
    recordsProcessed,
    recordsInserted,
    recordsUpdated,
    recordsUnchanged: 0,
    recordsStale: 0,
    recordsError: entry.recordsError ?? 0,
    recordsUnreadable: 0,
    recordsDeleted: 0,
    options: entry.options ?? {},
    ...endOf(entry),
  };
}

/** A run without times began when its record did, and ended when that was last changed. */
function timesOf(record: Found, { startTime, endTime }: mongo.Document) {
  const changed = ageOf(record);
  const begun = ageOf({ _id: record._id, createdAt: record.createdAt }) || changed;
  return {
    startTime: startTime instanceof Date ? startTime : new Date(begun),
    endTime: endTime instanceof Date ? endTime : new Date(changed),
  };
}

function endOf({ status, error }: Found): object {
  if (!UNFINISHED.has(String(status))) return {};
  const note: StoredError = {
    code: 'SYNC_SUPERSEDED',
    message: `The run was ${status} in an earlier version when the present one took over.`,
    details: [],
  };
  return { status: 'failed', error: error ?? note };
}
