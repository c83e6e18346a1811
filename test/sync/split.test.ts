import { describe, expect, it } from 'vitest';
import { SIZES } from '../../src/sync/context.js';
import { startBackend } from '../support/backend.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const sizes = { segment: 30, query: 50 };
const { lake, call, sync, expectEqual, config, db } = await startBackend(
  { rows: 0 },
  {},
  { sizes, emptyPagePauseMs: 5 },
);
await call('init-sync-config', { body: {} });

const tasks = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    SERIALKEY: from + i,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: String(from + i),
  }));
const dataQueries = () =>
  lake.requests.flatMap(({ sql }) => (sql?.startsWith('WITH d AS') ? [sql] : []));

describe('a run that is too large for one query', () => {
  it('reads several, by SERIALKEY with open ends, rows without one in the first', async () => {
    await lake.insert(TASKS, [
      ...tasks(1, 100),
      ...tasks(5_000, 80),
      { SERIALKEY: null, WHSEID: 'wmwhse1', TASKDETAILKEY: 'without' },
    ]);
    const { stats, outcome } = await sync('taskdetail', { batchSize: 7 });
    expect({ outcome, read: stats.processedRecords, created: stats.insertedRecords }).toEqual({
      outcome: 'complete',
      read: 181,
      created: 181,
    });
    const queries = dataQueries();
    expect(queries).toHaveLength(4);
    expect(queries[0]).toContain('"SERIALKEY" IS NULL');
    expect(queries[0]).not.toContain('"SERIALKEY" >=');
    expect(queries[3]).not.toContain('"SERIALKEY" <');
    await expectEqual('taskdetail');
    expect((await config('taskdetail')).watermark).toEqual(lake.now());
  });

  it('sends only the present query anew where its result is lost', async () => {
    lake.clearRequests();
    await lake.fault({ kind: 'lostResult', on: 'result', nth: 20 });
    const { stats } = await sync('taskdetail', { mode: 'full', batchSize: 7 });
    lake.clearFaults();
    expect(stats.processedRecords).toBe(181);
    expect(dataQueries()).toHaveLength(5);
    await expectEqual('taskdetail');
  });

  it('keeps its segments in one record, which says how many queries it took', async () => {
    const jobs = await db.collection('syncjobs').find({}).toArray();
    expect(jobs.at(-1)?.split).toMatchObject({ index: 3 });
  });

  it('ends where a lake that states no totals has far fewer rows in a part than in others', async () => {
    lake.configure({ refuseTotals: true });
    // The part is cut by the mean of all: its second segment begins far beyond its last row.
    await lake.insert(TASKS, tasks(2_600, 5));
    const { stats, outcome, warnings } = await sync('taskdetail', { mode: 'full', batchSize: 7 });
    lake.configure({ refuseTotals: false });
    expect({ outcome, read: stats.processedRecords }).toEqual({ outcome: 'complete', read: 186 });
    expect(warnings.join()).not.toContain('sent again');
    await expectEqual('taskdetail');
  });

  it('is one of more than twenty million rows', () => {
    expect(SIZES.query).toBe(20_000_000);
  });
});
