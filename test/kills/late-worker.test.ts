import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { createApp } from '../../src/app.js';
import { systemClock } from '../../src/clock.js';
import type { Row } from '../../src/datafabric/rows.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import type { RejectedRow } from '../../src/rows/decoder.js';
import { createTableRejects } from '../../src/rows/rejects.js';
import { createPageWriter, decodePage, writePage } from '../../src/rows/write-page.js';
import { advance } from '../../src/sync/advance.js';
import { cancelJob } from '../../src/sync/control.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

/** What a worker that was frozen for long does when it wakes up, step by step. */

const TASKS = TASKDETAIL.name;
const TABLE = 'taskdetail';
const OBJECT = {
  ...TASKDETAIL,
  columns: TASKDETAIL.columns.map((column) =>
    ['QTY', 'DELETED'].includes(column.name) ? { ...column, type: 'text' as const } : column,
  ),
};
const { lake, call, sync, db, app, config } = await startBackend({ rows: 0, objects: [OBJECT] });
await call('init-sync-config', { body: {} });
const context = await app().sync();
const soon = () => Date.now() + 20_000;
const openRejects = () => db.collection('syncrejects').distinct('identity', { open: true });
const task = (serial: number, QTY = '1') => ({
  SERIALKEY: serial,
  WHSEID: 'wmwhse1',
  TASKDETAILKEY: `${serial}`,
  QTY,
});

/** A run that has read its first page and is then canceled. @returns that page */
async function pageInHand(): Promise<Row[]> {
  const { _id } = await startJob(context, { tableId: TABLE, mode: 'full', batchSize: 1 }, 'api');
  lake.configure({ pageLatencyMs: 300 });
  const running = advance(context, _id, soon()).catch((error: Error) => error);
  const jobs = db.collection<SyncJob>('syncjobs');
  await expect.poll(async () => (await jobs.findOne({ _id }))?.phase).toBe('reading');
  const job = await cancelJob(context, _id);
  await running;
  lake.configure({ pageLatencyMs: 0 });
  return context.lake.compass.page(job.query?.id ?? '', { offset: 0, limit: 1_000 });
}

const wakeWith = (page: readonly Row[]) => {
  const about = { tableId: TABLE, deleteMode: 'soft', epoch: 0, expected: 'changed' } as const;
  const writer = createPageWriter(context, about, { clock: systemClock });
  return writePage(writer, decodePage(writer.decoder, page));
};

beforeEach(() => {
  lake.advance(7_200_000);
});

describe('a worker that wakes up with a page of a canceled first run in hand', () => {
  it('brings no row back that was deleted before the next run', async () => {
    await lake.insert(TASKS, [task(1), task(2)]);
    const page = await pageInHand();
    // As it is where the worker had been frozen right before it wrote the page.
    await db.collection('taskdetails').deleteMany({});
    lake.advance(1_000);
    await lake.delete(TASKS, { SERIALKEY: 1 });
    lake.advance(7_200_000);
    await lake.insert(TASKS, [task(3)]);
    expect((await sync(TABLE)).mode).toBe('full');
    await wakeWith(page);
    expect(await db.collection('taskdetails').findOne({ SERIALKEY: 1 })).toMatchObject({
      _lake: { deletedAt: expect.any(Date) },
    });
  });
});

describe('a worker that wakes up with rows in hand of which there are later versions', () => {
  it('closes no reject of a later version', async () => {
    await lake.insert(TASKS, [task(10)]);
    const page = await pageInHand();
    lake.advance(1_000);
    await lake.edit(TASKS, { SERIALKEY: 10 }, { QTY: 'bad' });
    await sync(TABLE);
    await wakeWith(page);
    expect(await openRejects()).toEqual(['wmwhse1|10']);
  });

  it('opens no reject of a row that has arrived since, whether it was one before or not', async () => {
    await lake.edit(TASKS, { SERIALKEY: 10 }, { QTY: 'still bad' });
    await lake.insert(TASKS, [task(11, 'bad')]);
    const page = await pageInHand();
    lake.advance(1_000);
    await lake.edit(TASKS, 'SERIALKEY IN (10, 11)', { QTY: '2' });
    await sync(TABLE);
    expect(await openRejects()).toEqual([]);
    await wakeWith(page);
    expect(await openRejects()).toEqual([]);
  });
});

describe('the reject of a key that was used again', () => {
  it('is open although the row before, indexed later, has arrived', async () => {
    const rejects = createTableRejects(context.store.rejects, TABLE);
    const identity = 'wmwhse1|reused';
    const bad = (SERIALKEY: string, modifiedMs: number): RejectedRow => ({
      ...{ identity, reason: 'number_invalid', column: 'QTY', message: 'QTY: "bad"' },
      ...{ modifiedMs, raw: { SERIALKEY } },
    });
    await rejects.open([bad('1', 1_000)]);
    await rejects.arrived(() => [{ identity, modifiedMs: 3_000 }]);
    expect(await openRejects()).not.toContain(identity);
    await rejects.open([bad('2', 2_000)]);
    expect(await openRejects()).toContain(identity);
    await context.store.rejects.closeGone(TABLE, [identity]);
  });
});

describe('a run whose end comes late', () => {
  it('says nothing to the configuration once a later run has ended', async () => {
    await lake.insert(TASKS, [task(20)]);
    const { jobId } = await sync(TABLE);
    lake.advance(1_000);
    await lake.insert(TASKS, [task(21)]);
    await sync(TABLE);
    const before = await config(TABLE);
    const jobs = db.collection<SyncJob>('syncjobs');
    const _id = new Types.ObjectId(jobId);
    await jobs.updateOne({ _id }, { $set: { active: true, phase: 'finishing' } });
    expect(await advance(context, _id, soon())).toMatchObject({ state: 'done' });
    expect(await config(TABLE)).toEqual(before);
  });
});

describe('a run where the clock is wrong', () => {
  const hour = 3_600_000;
  const clockOff = (offset: number) => ({ ...systemClock, now: () => Date.now() + offset });
  const jobs = db.collection<SyncJob>('syncjobs');

  it.each([-hour, hour])('goes by the clock of MongoDB, %i ms off', async (offset) => {
    const wrong = createApp(process.env, { clock: clockOff(offset) });
    const there = await wrong.sync();
    const { _id } = await startJob(there, { tableId: TABLE }, 'api');
    const started = await jobs.findOne({ _id });
    expect(Math.abs(Date.now() - (started?.heartbeat.getTime() ?? 0))).toBeLessThan(hour / 2);
    // Its query is still running when an instance goes on whose clock is right.
    lake.configure({ queryMs: 500 });
    await advance(there, _id, Date.now() + offset + 100);
    for (let state = 'more'; state === 'more'; ) {
      state = (await advance(context, _id, Date.now() + 1_500)).state;
    }
    lake.configure({ queryMs: 0 });
    await wrong.close();
    const ended = await jobs.findOne({ _id });
    expect(ended).toMatchObject({ status: 'completed' });
    expect(ended?.stats.durationMs).toBeLessThan(hour / 2);
    expect(ended?.stats.durationMs).toBeGreaterThanOrEqual(0);
  });

  it.each([-hour, hour])(
    'leaves a table that is due when it should be, %i ms off',
    async (offset) => {
      const wrong = createApp(process.env, { clock: clockOff(offset) });
      const there = await wrong.sync();
      const { _id } = await startJob(there, { tableId: TABLE }, 'api');
      expect(await advance(there, _id, soon() + offset)).toMatchObject({ state: 'done' });
      await wrong.close();
      const { nextRunAt, syncFrequency } = await config(TABLE);
      const wait = (nextRunAt as Date).getTime() - Date.now();
      expect(Math.abs(wait - Number(syncFrequency) * 60_000)).toBeLessThan(hour / 2);
    },
  );
});
