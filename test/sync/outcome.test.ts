import { Types } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { noRows, type RowCounts } from '../../src/models/row-counts.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { historyOf } from '../../src/sync/history-entry.js';
import { isInitialSync, outcomeOf, progress, warningsOf } from '../../src/sync/outcome.js';
import { jobStats } from '../../src/sync/stats.js';

const EARLIER = new Date('2026-01-09T00:00:00.000Z');
const BEFORE = new Date('2026-01-10T00:00:00.000Z');
const CEILING = new Date('2026-01-11T00:00:00.000Z');
const START = new Date('2026-01-11T01:00:00.000Z');

const NO_STATS = {
  totalRecords: 0,
  processedRecords: 0,
  insertedRecords: 0,
  updatedRecords: 0,
  unchangedRecords: 0,
  staleRecords: 0,
  errorRecords: 0,
  unreadableRecords: 0,
  deletedRecords: 0,
  replayedRecords: 0,
  collisions: 0,
  startTime: START,
};

/** An incremental run that has read all its rows. */
function readJob(changes: Partial<SyncJob> = {}): SyncJob {
  return {
    _id: new Types.ObjectId('000000000000000000000001'),
    jobType: 'sync',
    tableId: 'taskdetail',
    tableName: 'Task Detail',
    historyId: new Types.ObjectId('000000000000000000000002'),
    trigger: 'api',
    mode: 'incremental',
    status: 'in_progress',
    active: true,
    phase: 'finishing',
    options: { batchSize: 10 },
    scope: { own: true },
    batchSize: 10,
    limit: { rows: 0, keepRest: true },
    deleteMode: 'soft',
    deleteFlag: true,
    hashes: { scope: 'scope', shape: 'shape', source: 'source' },
    watermarkBefore: BEFORE,
    range: { from: new Date('2026-01-09T23:30:00.000Z'), ceiling: CEILING },
    query: { id: 'query-1', sql: 'SELECT 1', submittedAt: START },
    queryAttempts: 1,
    startOffset: 0,
    segments: [segment({ read: 5, created: 3, unchanged: 2 })],
    totalRecords: 5,
    stated: { rows: 5, keySum: '15' },
    proof: { how: 'result', read: 5, stated: 5 },
    asOf: START,
    stats: NO_STATS,
    unknownColumns: [],
    warnings: [],
    heartbeat: START,
    maxWorkers: 1,
    createdAt: START,
    updatedAt: START,
    ...changes,
  };
}

function segment(counts: Partial<RowCounts>, end: number | null = null) {
  const sum = { ...noRows(), ...counts };
  return { start: 0, end, next: sum.read, state: 'done' as const, counts: sum };
}

const failed = { error: 'no', errorCode: 'LAKE_QUERY_FAILED' as const, errorDetails: [] };
const cut = {
  limit: { rows: 4, keepRest: true },
  segments: [segment({ read: 4, created: 4 }, 4)],
  stated: { rows: 9, keySum: '45' },
  totalRecords: 9,
};

const canceled = { ...failed, errorCode: 'SYNC_CANCELED' as const };

describe('the outcome of a run', () => {
  it.each<[string, Partial<SyncJob>, string]>([
    ['all is read', {}, 'complete'],
    ['nothing was new', { segments: [], totalRecords: 0 }, 'nothing_new'],
    [
      'rows were rejected',
      { segments: [segment({ read: 2, created: 1, rejected: 1 })] },
      'with_rejects',
    ],
    ['a limit was reached', cut, 'partial'],
    [
      'the result ended before the limit',
      { ...cut, segments: [segment({ read: 3, created: 3 }, 4)], stated: { rows: 3 } },
      'complete',
    ],
    [
      'a limit was reached, and rows were rejected',
      { ...cut, segments: [segment({ read: 4, rejected: 4 }, 4)] },
      'partial',
    ],
    ['it failed', failed, 'failed'],
    ['it was canceled', canceled, 'canceled'],
    ['it failed after a limit was set', { ...cut, ...failed }, 'failed'],
  ])('where %s', (_name, changes, outcome) => {
    expect(outcomeOf(readJob(changes))).toBe(outcome);
  });
});

describe('what a run leaves to the next one', () => {
  const left = (changes: Partial<SyncJob>) => {
    const job = readJob(changes);
    return progress({ ...job, outcome: outcomeOf(job) });
  };

  const READ = segment({ read: 2, unchanged: 2 });
  const asCounted: Partial<SyncJob> = {
    ...{ segments: [READ], totalRecords: 2, queryAttempts: 1 },
    window: { lastDigest: 'before', ahead: { digest: 'next', keySum: '3' } },
    proof: { how: 'result', read: 2, sums: { stated: '3', read: '3' } },
  };

  it.each<[string, Partial<SyncJob>, string | undefined]>([
    ['of a run that read what it had counted, and wrote nothing', {}, 'next@1768093200000'],
    [
      'with the time when it was first left',
      { window: { lastDigest: 'next@7', ahead: { digest: 'next', keySum: '3' } } },
      'next@7',
    ],
    ['but none where it wrote a row', { segments: [segment({ read: 2, updated: 1 })] }, undefined],
    [
      'but none where it rejected one',
      { segments: [segment({ read: 2, rejected: 1 })] },
      undefined,
    ],
    ['but none where a value is left out', { segments: [segment({ unreadable: 1 })] }, undefined],
    [
      'but none where pages were written twice',
      { segments: [segment({ replayed: 1 })] },
      undefined,
    ],
    ['but none where its query was sent again', { queryAttempts: 2 }, undefined],
    ['but none where other rows came than were counted', { totalRecords: 3 }, undefined],
    [
      'but none where the keys are others',
      { proof: { how: 'result', read: 2, sums: { stated: '4', read: '4' } } },
      undefined,
    ],
    ['but none where no total states the keys', { proof: { how: 'count', read: 2 } }, undefined],
    ['but none of a run without groups', { window: { lastDigest: 'before' } }, undefined],
    [
      'and of a run that found it unchanged, the one before',
      { segments: [], proof: { how: 'unchanged', read: 0, counted: 2 } },
      'before',
    ],
  ])('is the digest of its window, %s', (_, changes, digest) => {
    const { set, unset } = left({ ...asCounted, ...changes });
    expect(set.windowDigest).toBe(digest);
    expect(unset.includes('windowDigest')).toBe(digest === undefined);
  });

  it.each<[string, Partial<SyncJob>, Date | undefined]>([
    ['of an incremental run: its ceiling', {}, CEILING],
    ['of a full run: its ceiling', { mode: 'full' }, CEILING],
    [
      'of a run with rejects, since these are kept apart: its ceiling',
      { segments: [segment({ read: 1, rejected: 1 })] },
      CEILING,
    ],
    [
      'of an incremental run during which the clock has stepped back before it: what it was',
      { asOf: EARLIER },
      BEFORE,
    ],
    ['of a run that found nothing: what it was', { segments: [], range: {} }, BEFORE],
    [
      'of a full run whose newest rows are gone: what it was',
      { mode: 'full', range: { ceiling: new Date(0) } },
      BEFORE,
    ],
    ['of a run for one warehouse: not its business', { scope: { own: false } }, undefined],
    ['of a backfill: not its business', { mode: 'backfill', scope: { own: false } }, undefined],
    ['of a run that a limit stopped: not yet', cut, undefined],
  ])('the watermark %s', (_name, changes, watermark) => {
    expect(left(changes).set.watermark).toEqual(watermark);
  });

  it.each<[string, Partial<SyncJob>, Date | undefined]>([
    ['its ceiling', {}, CEILING],
    ['none, where the table was empty', { segments: [], range: {} }, undefined],
  ])('the watermark of a first run: %s', (_name, changes, watermark) => {
    const { watermarkBefore: _, ...job } = readJob(changes);
    expect(progress({ ...job, outcome: outcomeOf(job) }).set.watermark).toEqual(watermark);
  });

  it('of a full run, that the columns are up to date and the first sync is done', () => {
    expect(left({ mode: 'full' }).set).toMatchObject({ shapeHash: 'shape' });
    expect(left({}).set).not.toHaveProperty('shapeHash');
    expect(isInitialSync(readJob({ mode: 'full' }))).toBe(true);
  });

  it('of a full run that a limit stopped, neither', () => {
    expect(left({ ...cut, mode: 'full' }).set).not.toHaveProperty('shapeHash');
    expect(isInitialSync(readJob({ ...cut, mode: 'full', outcome: 'partial' }))).toBe(false);
  });

  it("of a run that the configuration's limit stopped, its rest with its frozen range", () => {
    const { set, unset } = left({ ...cut, limit: { rows: 4, keepRest: true } });
    expect(set.leftovers).toEqual({
      mode: 'incremental',
      from: new Date('2026-01-09T23:30:00.000Z'),
      ceiling: CEILING,
      deleteFlag: true,
      shapeHash: 'shape',
      totalRecords: 9,
      query: { id: 'query-1', sql: 'SELECT 1', submittedAt: START },
      offset: 4,
      asOf: START,
      stated: { rows: 9, keySum: '45' },
      received: { rows: 4, keySum: '0', oddKeys: 0 },
    });
    expect(unset).toEqual([]);
  });

  it("of a run that a request's limit stopped, nothing, and an earlier rest stays", () => {
    const { set, unset } = left({ ...cut, limit: { rows: 4, keepRest: false } });
    expect(set).not.toHaveProperty('leftovers');
    expect(unset).toEqual([]);
  });

  it('of a run that read all, no rest', () => {
    expect(left({}).unset).toContain('leftovers');
  });

  it.each<[string, Partial<SyncJob>, boolean | undefined]>([
    ['read by: it is from now on', { deleteFlag: true }, true],
    ['gone: it is no longer read by', { deleteFlag: false }, false],
    ['of a run for one warehouse: nothing is said', { scope: { own: false } }, undefined],
  ])('of the delete flag that is %s', (_name, changes, deleteFlag) => {
    expect(left(changes).set.deleteFlag).toBe(deleteFlag);
  });

  it('of a run without proof, nothing at all', () => {
    const { proof: _, ...job } = readJob();
    expect(progress({ ...job, outcome: 'complete' })).toEqual({ set: {}, unset: [] });
  });
});

describe('the history entry of a run', () => {
  const ended = (changes: Partial<SyncJob>) => {
    const job = readJob(changes);
    const stats = jobStats(job, new Date(START.getTime() + 1500));
    return historyOf({ ...job, stats, outcome: outcomeOf(job) });
  };

  it('has its counts and its time', () => {
    const counts = {
      read: 21,
      created: 1,
      updated: 2,
      unchanged: 3,
      stale: 4,
      rejected: 11,
      deleted: 2,
    };
    expect(ended({ segments: [segment(counts)] })).toMatchObject({
      syncJobId: '000000000000000000000001',
      status: 'completed',
      outcome: 'with_rejects',
      startTime: START,
      durationMs: 1500,
      recordsProcessed: 21,
      recordsInserted: 1,
      recordsUpdated: 2,
      recordsUnchanged: 3,
      recordsStale: 4,
      recordsError: 11,
      recordsDeleted: 2,
      options: { batchSize: 10 },
    });
  });

  it('of a failed one has the error, and the rows that had been read before', () => {
    expect(ended({ ...failed, segments: [segment({ read: 3, created: 3 })] })).toMatchObject({
      status: 'failed',
      outcome: 'failed',
      ...failed,
      recordsProcessed: 3,
    });
  });

  it('of one under way is open', () => {
    const { outcome: _, ...job } = readJob();
    const entry = historyOf(job);
    expect(entry).toMatchObject({ status: 'in_progress' });
    for (const name of ['endTime', 'durationMs', 'outcome', 'error']) {
      expect(entry).not.toHaveProperty(name);
    }
  });
});

describe('the warnings of a run', () => {
  it.each<[string, Partial<SyncJob>, RegExp[]]>([
    ['all is well', {}, []],
    [
      'rows were rejected',
      { segments: [segment({ read: 3, rejected: 1 }), segment({ read: 3, rejected: 2 })] },
      [/reject.*\b3$/],
    ],
    [
      'two live rows have one key',
      { segments: [segment({ read: 3, collisions: 1 })] },
      [/\bkey\b.*\b1$/],
    ],
    ['columns are new', { unknownColumns: ['Z_NEW', 'A_NEW'] }, [/\bA_NEW, Z_NEW$/]],
    ['the result was lost', { queryAttempts: 3 }, [/query.*\b2$/]],
  ])('where %s', (_name, changes, warnings) => {
    expect(warningsOf(readJob(changes))).toEqual(
      warnings.map((fact) => expect.stringMatching(fact)),
    );
  });
});
