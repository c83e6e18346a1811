import { mongo } from 'mongoose';
import { errorView } from '../../src/errors/error-fields.js';
import { isEarlierEntry, isJobInSeconds } from '../../src/models/duration.js';
import { countOf, entryNames, jobCountsOf, timeOf } from '../../src/models/earlier-record.js';
import type { Models } from '../../src/models/index.js';
import { countFields } from '../../src/models/row-counts.js';
import type { SyncHistory } from '../../src/models/sync-history.js';
import { type RetryBudget, withRetry } from '../../src/store/driver/retry.js';
import { asFound, noteOf } from '../../src/store/history/change-entry.js';
import { ageOf, batchesOf, type Documents, databaseOf } from './documents.js';
import {
  type Change,
  ENTRY_BEFORE,
  JOB_BEFORE,
  presentDuration,
  presentError,
  presentTimes,
  updateOf,
  within,
} from './present-run.js';
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
export async function planRuns(models: Models, scope: RetryBudget): Promise<AdoptionPlan> {
  const db = databaseOf(models);
  const jobs = db.collection(models.jobs.collection.collectionName);
  const history = db.collection(models.history.collection.collectionName);
  const steps = [
    ...(await readableStep('job', jobs, EARLIER_JOB, scope, async (batch) => {
      const entries = await entriesOf(batch, history);
      return batch.map((job) => jobChange(job, entries.get(String(job._id))));
    })),
    ...(await presentStep('job', jobs, { $nor: [EARLIER_JOB], ...JOB_BEFORE }, scope, (job) => ({
      ...presentError(job),
      ...within('finishing', presentError(job.finishing ?? {})),
      ...within('stats', presentError(job.stats ?? {})),
      ...within('stats', presentDuration(job.stats ?? {}, isJobInSeconds(job, job.stats ?? {}))),
    }))),
    ...(await readableStep('history entry', history, EARLIER_ENTRY, scope, async (batch) =>
      batch.map(entryChange),
    )),
    ...(await presentStep(
      'history entry',
      history,
      { $nor: [EARLIER_ENTRY], ...ENTRY_BEFORE },
      scope,
      (entry) => ({
        ...presentError(entry),
        ...presentDuration(entry, isEarlierEntry(entry)),
        ...presentTimes(entry),
      }),
    )),
  ];
  return { ...NOTHING, steps };
}

type Found = mongo.WithId<mongo.Document>;
type Noun = 'job' | 'history entry';
type Filter = mongo.Filter<mongo.Document>;

/** What the earlier version has left. */
async function readableStep(
  noun: Noun,
  collection: Documents,
  earlier: Filter,
  scope: RetryBudget,
  changesOf: (batch: readonly Found[]) => Promise<Change[]>,
): Promise<AdoptionStep[]> {
  const unfinished = await withRetry(
    () => collection.countDocuments({ ...earlier, status: { $in: [...UNFINISHED] } }),
    scope,
  );
  const ended = unfinished > 0 ? `; ${unfinished} had not ended and count as failed` : '';
  const what = `of the earlier version made readable${ended}`;
  return stepFor(noun, what, collection, earlier, scope, changesOf);
}

/** What an earlier deploy of this backend, or an adoption by it, has left. */
async function presentStep(
  noun: Noun,
  collection: Documents,
  before: Filter,
  scope: RetryBudget,
  changeOf: (record: Found) => Change,
): Promise<AdoptionStep[]> {
  const what = 'get their error as a text and their duration in milliseconds';
  return stepFor(noun, what, collection, before, scope, async (batch) => batch.map(changeOf));
}

async function stepFor(
  noun: Noun,
  what: string,
  collection: Documents,
  filter: Filter,
  scope: RetryBudget,
  changesOf: (batch: readonly Found[]) => Promise<Change[]>,
): Promise<AdoptionStep[]> {
  const unchanged = noun === 'job' ? () => ({}) : asFound;
  const count = await withRetry(() => collection.countDocuments(filter), scope);
  if (count === 0) return [];
  const subject =
    noun === 'job' ? counted(count, 'job') : `${count.toLocaleString('en')} in the history`;
  return [
    {
      what: `${collection.collectionName}: ${subject} ${what}`,
      run: () =>
        withRetry(async () => {
          for await (const batch of batchesOf(collection, filter)) {
            const changes = await changesOf(batch);
            const writes = batch.map(({ _id, ...found }, index) => ({
              updateOne: {
                filter: { $and: [{ _id }, filter, unchanged(found)] },
                update: updateOf(changes[index] ?? {}),
              },
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

function jobChange(job: Found, entry: Found | undefined): Change {
  const stats: mongo.Document = { ...job.stats };
  const { startTime, endTime } = timesOf(job, stats);
  return {
    phase: 'ended',
    historyId: entry?._id ?? new mongo.ObjectId(),
    ...(job.tableId === undefined && entry && { tableId: entry.tableId }),
    ...(job.tableName === undefined && entry && { tableName: entry.tableName }),
    ...(!job.options && { options: {} }),
    stats: {
      ...stats,
      ...jobCountsOf(stats),
      startTime,
      endTime,
      durationMs: endTime.getTime() - startTime.getTime(),
      ...presentDuration(stats, true),
      ...presentError(stats),
    },
    totalRecords: countOf(stats.totalRecords),
    limit: { rows: 0, keepRest: false },
    segments: [],
    warnings: [],
    heartbeat: endTime,
    ...presentError(job),
    ...endOf(job),
  };
}

function entryChange(entry: Found): Change {
  const { startTime, endTime } = timesOf(entry, entry);
  const isTimed = timeOf(entry.endTime) !== undefined;
  return {
    startTime,
    ...(entry.endTime !== undefined && { endTime: isTimed ? endTime : null }),
    ...(isTimed && { durationMs: Math.max(0, endTime.getTime() - startTime.getTime()) }),
    ...entryNames(entry),
    ...countFields('entry', (names) => ('earlierTotal' in names ? countOf(entry[names.entry]) : 0)),
    options: entry.options ?? {},
    ...presentDuration(entry, true),
    ...presentError(entry),
    ...endOf(entry),
    // A run that has not ended counts as failed from now on.
    ...noteOf(entry as mongo.WithId<mongo.Document> & SyncHistory, String(entry.tableId)),
  };
}

/** A run without times began when its record did, and ended when that was last changed. */
function timesOf(record: Found, { startTime, endTime }: mongo.Document) {
  const changed = ageOf(record);
  const begun = ageOf({ _id: record._id, createdAt: record.createdAt }) || changed;
  return {
    startTime: timeOf(startTime) ?? new Date(begun),
    endTime: timeOf(endTime) ?? new Date(changed),
  };
}

function endOf(record: Found): Change {
  const { status } = record;
  if (!UNFINISHED.has(String(status))) return {};
  const note = {
    error: `The run was ${status} in an earlier version when the present one took over.`,
    errorCode: 'SYNC_SUPERSEDED',
    errorDetails: [],
  };
  return { status: 'failed', ...(errorView(record) ?? note) };
}
