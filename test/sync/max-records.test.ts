import { beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ROWS = 10;
const LIMIT = 4;
const { lake, call, sync, configure, expectEqual, config, db } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, quotaMinuteMs: 1 },
);

let serial = 0;
const tasks = (count: number, whseid = 'wmwhse1') =>
  Array.from({ length: count }, () => {
    serial++;
    return { SERIALKEY: serial, WHSEID: whseid, TASKDETAILKEY: String(serial).padStart(10, '0') };
  });

/**
 * Syncs until nothing is left. Three runs more than the rows make up for, where the rest of a run
 * has to be queried again.
 */
async function syncToTheEnd(between: (run: number) => unknown = () => {}): Promise<void> {
  const mostRuns = serial / LIMIT + 3;
  for (let run = 1; (await sync('taskdetail')).outcome === 'partial'; run++) {
    expect(run, 'the rest is never finished').toBeLessThan(mostRuns);
    await between(run);
  }
}

beforeEach(async () => {
  for (const name of ['syncconfigs', 'taskdetails']) await db.collection(name).deleteMany({});
  await lake.delete(TASKS, '1 = 1');
  lake.advance(2 * HOUR_MS);
  await lake.insert(TASKS, tasks(ROWS));
  await call('init-sync-config', { body: {} });
  await configure('taskdetail', { maxRecords: LIMIT });
});

describe('a table that is never read in one run', () => {
  it('is there in full after as many runs as it takes', async () => {
    await syncToTheEnd();
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).toMatchObject({
      initialSync: false,
      watermark: lake.now(),
    });
  });

  it('gets there when its result expires after each run', async () => {
    await syncToTheEnd(() => lake.forgetResult());
    await expectEqual('taskdetail');
  });

  it('gets there while its rows go on changing and being deleted', async () => {
    await syncToTheEnd(async (run) => {
      lake.advance(60_000);
      await lake.edit(TASKS, `SERIALKEY % 3 = ${run % 3}`, { QTY: String(run) });
      if (run < 3) await lake.delete(TASKS, { SERIALKEY: serial - run });
    });
    await syncToTheEnd();
    await expectEqual('taskdetail');
  });

  it('gets there when the lake gives the rows of each query in another order', async () => {
    lake.configure({ shuffled: true });
    await sync('taskdetail');
    lake.forgetResult();
    await syncToTheEnd();
    lake.configure({ shuffled: false });
    await expectEqual('taskdetail');
  });

  it('begins anew when it is told to read everything', async () => {
    await syncToTheEnd();
    await lake.edit(TASKS, '1 = 1', { QTY: '2' });
    await sync('taskdetail', { mode: 'full' });
    expect(await config('taskdetail')).toHaveProperty('leftovers');
    await configure('taskdetail', { initialSync: true });
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await syncToTheEnd();
    await expectEqual('taskdetail');
  });

  it('keeps its place when its configuration is edited and put back whole', async () => {
    await sync('taskdetail');
    const { body } = await call('sync-config', { query: { tableId: 'taskdetail' } });
    await configure('taskdetail', { ...body, description: 'edited' });
    expect(await config('taskdetail')).toHaveProperty('leftovers');
  });
});

describe('a limit that is hit exactly', () => {
  it('is no limit: the run is complete', async () => {
    await configure('taskdetail', { maxRecords: ROWS });
    expect(await sync('taskdetail')).toMatchObject({
      outcome: 'complete',
      stats: { processedRecords: ROWS },
    });
  });

  it('of 0 in the request lifts that of the configuration for one run', async () => {
    expect(await sync('taskdetail', { maxRecords: 0 })).toMatchObject({
      outcome: 'complete',
      stats: { processedRecords: ROWS },
    });
  });
});

describe('a run for one warehouse', () => {
  it('between two parts of a run takes nothing from it, nor brings older rows back', async () => {
    await sync('taskdetail');
    lake.advance(60_000);
    await lake.edit(TASKS, '1 = 1', { QTY: '9' });
    await lake.delete(TASKS, { SERIALKEY: serial });
    await sync('taskdetail', { whseid: 'wmwhse1' });
    await syncToTheEnd();
    await expectEqual('taskdetail');
  });
});
