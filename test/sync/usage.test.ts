import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors/app-error.js';
import { noRows } from '../../src/models/row-counts.js';
import { withUsage } from '../../src/sync/usage.js';
import { startBackend } from '../support/backend.js';

const { app, call, db, sync } = await startBackend({ rows: 60 });
await call('init-sync-config', { body: {} });
const usages = db.collection<{ _id: string; [name: string]: unknown }>('syncusages');
const today = () => new Date().toISOString().slice(0, 10);

describe('what runs use', () => {
  it('is told by the job, and added up by table and day', async () => {
    const { jobId } = await sync('orders');
    const { body } = await call('sync-status', { query: { jobId } });
    const first = body.job.usage as Record<'functionMs' | 'slices' | 'lakeQueries', number>;
    expect(first).toEqual({ functionMs: expect.any(Number), slices: 1, lakeQueries: 4 });
    expect(first.functionMs).toBeGreaterThan(0);

    await sync('orders');
    const { body: stats } = await call('sync-stats', { query: { tableId: 'orders' } });
    const { total, days } = stats.usage as { total: Record<string, number>; days: unknown[] };
    expect(total).toMatchObject({ slices: 2 });
    expect(total.lakeQueries).toBeGreaterThan(first.lakeQueries);
    expect(total.functionSeconds).toBeGreaterThan(first.functionMs / 1000);
    expect(days).toEqual([{ day: today(), ...total }]);
    const { body: all } = await call('sync-stats');
    expect((all.summary as Record<string, unknown>).usage).toEqual(stats.usage);
  });

  it('is estimated in credits by the rates of the settings, by day for 30 days', async () => {
    const ofDay = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000);
    const used = { functionMs: 7_200_000, slices: 5000, lakeQueries: 7, leasesLost: 0 };
    await usages.insertMany([
      { _id: 'receipt', tableId: 'receipt', ...used },
      ...[0, 29, 31].map((daysAgo) => ({
        _id: `receipt|${daysAgo}`,
        tableId: 'receipt',
        day: ofDay(daysAgo),
        ...used,
      })),
    ]);
    const read = async () => {
      const { body } = await call('sync-stats', { query: { tableId: 'receipt' } });
      return body.usage as { total: { credits: number }; days: { day: string }[] };
    };
    const { total, days } = await read();
    // 2 h with 1 GB at 5 credits each, and half of 10,000 requests at 2.
    expect(total).toEqual({ functionSeconds: 7200, slices: 5000, lakeQueries: 7, credits: 11 });
    expect(days.map(({ day }) => day)).toEqual(
      [0, 29].map((daysAgo) => ofDay(daysAgo).toISOString().slice(0, 10)),
    );
    const settings = { creditsPerGbHour: 10, creditsPer10000Requests: 0, functionMemoryGb: 0.5 };
    expect((await call('sync-settings', { method: 'PUT', body: { settings } })).status).toBe(200);
    expect((await read()).total.credits).toBe(10);
  });

  it('counts a lost lease, and the time until then', async () => {
    const { jobId } = await sync('receiptdetail');
    const context = await app().sync();
    const [job] = await context.store.jobs.findMany([jobId]);
    if (!job) throw new Error('There is no job.');
    const memory = { inHand: new Map(), counts: noRows(), lakeQueries: 3 };
    const before = await usages.findOne({ _id: 'receiptdetail' });
    const lost = withUsage(context, memory, async (noteJob) => {
      noteJob(job);
      throw new AppError('SYNC_SUPERSEDED');
    });
    await expect(lost).rejects.toMatchObject({ code: 'SYNC_SUPERSEDED' });
    expect(await usages.findOne({ _id: 'receiptdetail' })).toMatchObject({
      leasesLost: 1,
      slices: Number(before?.slices) + 1,
      lakeQueries: Number(before?.lakeQueries) + 3,
    });
  });

  it('is no obstacle to a run where it cannot be recorded', async () => {
    // A text can't be added to.
    await usages.insertOne({ _id: 'orderdetail', tableId: 'orderdetail', functionMs: 'x' });
    await sync('orderdetail');
    expect(await usages.findOne({ _id: 'orderdetail' })).not.toHaveProperty('slices');
  });
});
