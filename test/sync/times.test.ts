import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPageWriter, decodePage, writePage } from '../../src/rows/write-page.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const { app, lake, call, sync, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });

let serial = 0;
const tasks = (count: number) =>
  Array.from({ length: count }, () => {
    serial++;
    return { SERIALKEY: serial, WHSEID: 'wmwhse1', TASKDETAILKEY: `K${serial}` };
  });
const ahead = (ms: number) => new Date(Date.now() + ms);
const watermark = async () => (await config('taskdetail')).watermark as Date;
const stored = (key: string) =>
  db.collection('taskdetails').findOne({ _id: `wmwhse1|${key}` as never });
const setConfig = (set: object) =>
  db.collection('syncconfigs').updateOne({ tableId: 'taskdetail' }, { $set: set });

beforeEach(async () => {
  for (const name of ['syncconfigs', 'taskdetails', 'syncjobs']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
  await lake.defineObject((await import('../../dev/lake/wms/objects.js')).TASKDETAIL);
  lake.advance(2 * HOUR_MS);
  await lake.insert(TASKS, tasks(10));
  await sync('taskdetail');
});
afterEach(() => lake.beforeCall(undefined));

describe('a row whose index time is in the future', () => {
  it('hides no change that is made until then', async () => {
    await lake.insert(TASKS, tasks(1), { at: ahead(3 * HOUR_MS) });
    const { warnings } = await sync('taskdetail');
    expect(warnings.join()).toMatch(/\b(179|18\d) minutes/);
    expect((await watermark()).getTime()).toBeLessThanOrEqual(Date.now());

    await lake.edit(TASKS, { TASKDETAILKEY: 'K1' }, { QTY: '7' }, { at: ahead(0) });
    await lake.insert(TASKS, tasks(1), { at: ahead(-10 * MINUTE_MS) });
    const { stats } = await sync('taskdetail');
    expect(stats).toMatchObject({ insertedRecords: 1, updatedRecords: 1, unchangedRecords: 1 });
    await expectEqual('taskdetail');
  });

  it('is no reason for a warning as long as the lookback covers it', async () => {
    await lake.insert(TASKS, tasks(1), { at: ahead(10 * MINUTE_MS) });
    expect((await sync('taskdetail')).warnings).toEqual([]);
  });

  it('makes the watermark no later than the time before the count', async () => {
    let countedAt = 0;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind === 'submit' && sql?.includes('ROW_COUNT')) countedAt = Date.now();
    });
    await lake.insert(TASKS, tasks(1), { at: ahead(HOUR_MS) });
    await sync('taskdetail');
    expect((await watermark()).getTime()).toBeLessThanOrEqual(countedAt);
  });
});

describe('a stored watermark in the future', () => {
  it('makes the run a full one, and is replaced', async () => {
    await setConfig({ watermark: ahead(24 * HOUR_MS) });
    await lake.edit(TASKS, { TASKDETAILKEY: `K${serial}` }, { QTY: '8' });
    const { mode, warnings, jobId } = await sync('taskdetail');
    expect(mode).toBe('full');
    expect(warnings.join()).toContain('watermark');
    const { body } = await call('sync-status', { query: { jobId } });
    expect(body.job.modeReason).toBe('watermark_in_future');
    expect(await watermark()).toEqual(lake.now());
    await expectEqual('taskdetail');
    expect((await sync('taskdetail')).mode).toBe('incremental');
  });

  it('is removed where the lake has no row any more', async () => {
    await lake.defineObject((await import('../../dev/lake/wms/objects.js')).TASKDETAIL);
    await setConfig({ watermark: ahead(24 * HOUR_MS) });
    await sync('taskdetail');
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
  });
});

describe('an object whose index times went back', () => {
  /** The same rows, reloaded with other values under earlier times. */
  async function reload(): Promise<void> {
    const earlier = new Date(lake.now().getTime() - HOUR_MS);
    await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: '99' }, { at: earlier });
  }

  it('is not synced completely by a full run, which says so and what to do', async () => {
    await reload();
    const before = await watermark();
    const { status, body } = await call('sync-table', {
      body: { tableId: 'taskdetail', mode: 'full' },
    });
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { code: 'LAKE_TIMES_WENT_BACK', outcome: 'failed' },
    });
    expect(body.error).toContain('"rebuild": true');
    expect(await watermark()).toEqual(before);
  });

  it('is mended by a rebuild, for good', async () => {
    await reload();
    const { outcome, stats } = await sync('taskdetail', { mode: 'full', rebuild: true });
    expect({ outcome, updated: stats.updatedRecords }).toEqual({
      outcome: 'complete',
      updated: 10,
    });
    await expectEqual('taskdetail');
    expect(await stored(`K${serial}`)).toMatchObject({ QTY: 99, _lake: { epoch: 1 } });
    expect(await config('taskdetail')).toMatchObject({ epoch: 1 });
    // Back to the newest time that the lake shows.
    expect((await watermark()).getTime()).toBe(lake.now().getTime() - HOUR_MS);

    const { stats: again } = await sync('taskdetail', { mode: 'full' });
    expect(again).toMatchObject({ unchangedRecords: 10, updatedRecords: 0 });
    lake.advance(HOUR_MS);
    await lake.edit(TASKS, { TASKDETAILKEY: `K${serial}` }, { QTY: '100' });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });

  it('stays mended although a worker from before writes the page that it has in hand', async () => {
    const context = await app().sync();
    const sql = `SELECT *, infor.lastmodified() AS "LAKE_MODIFIED" FROM "${TASKS}"`;
    const { rows: page } = await context.lake.compass.query(sql);
    await reload();
    await sync('taskdetail', { mode: 'full', rebuild: true });
    for (const expected of ['new', 'changed', 'unchanged'] as const) {
      const about = { tableId: 'taskdetail', deleteMode: 'soft', epoch: 0, expected } as const;
      const writer = createPageWriter(context, about, context);
      const { counts } = await writePage(writer, decodePage(writer.decoder, page));
      expect(counts).toMatchObject({ stale: 10, updated: 0, created: 0 });
    }
    await expectEqual('taskdetail');
  });

  it('is another thing than a version that another run has stored meanwhile', async () => {
    const key = `K${serial}`;
    let isChanged = false;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'result' || !sql?.includes('LAKE_MODIFIED') || isChanged) return;
      isChanged = true;
      lake.advance(MINUTE_MS);
      await lake.edit(TASKS, { TASKDETAILKEY: key }, { QTY: '5' });
      await db
        .collection('taskdetails')
        .updateOne(
          { _id: `wmwhse1|${key}` as never },
          { $set: { QTY: 5, '_lake.modifiedAt': lake.now() } },
        );
    });
    const { outcome, stats } = await sync('taskdetail', { mode: 'full' });
    expect({ outcome, stale: stats.staleRecords }).toEqual({ outcome: 'complete', stale: 1 });
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});

describe('a rebuild', () => {
  it.each<[string, object]>([
    ['an incremental run', { rebuild: true }],
    ['a backfill', { rebuild: true, startDate: '2025-01-01' }],
  ])('cannot be %s', async (_name, request) => {
    const { status, body } = await call('sync-table', {
      body: { tableId: 'taskdetail', ...request },
    });
    expect({ status, code: body.code, field: body.details[0]?.field }).toEqual({
      status: 400,
      code: 'VALIDATION_FAILED',
      field: 'rebuild',
    });
  });

  it('that fails leaves no row that the next run could not replace', async () => {
    await lake.edit(
      TASKS,
      'SERIALKEY > 0',
      { QTY: '50' },
      { at: new Date(lake.now().getTime() - HOUR_MS) },
    );
    lake.fault({ kind: 'failed', on: 'submit', sql: 'LAKE_MODIFIED', every: 1 });
    const rebuild = { tableId: 'taskdetail', mode: 'full', rebuild: true };
    expect((await call('sync-table', { body: rebuild })).body.code).toBe('LAKE_QUERY_FAILED');
    lake.clearFaults();
    await sync('taskdetail', { mode: 'full', rebuild: true });
    await expectEqual('taskdetail');
  });

  it('is not undone by a configuration that is made again', async () => {
    await sync('taskdetail', { mode: 'full', rebuild: true });
    await call('sync-config', { method: 'DELETE', query: { tableId: 'taskdetail' } });
    await call('sync-config', { body: { tableId: 'taskdetail' } });
    lake.advance(HOUR_MS);
    await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: '51' });
    await sync('taskdetail');
    await expectEqual('taskdetail');
    expect(await stored(`K${serial}`)).toMatchObject({ _lake: { epoch: 1 } });
  });
});
