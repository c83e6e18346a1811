import { beforeEach, describe, expect, it } from 'vitest';
import { LOCAL, startReceiver } from '../alerts/receiver.js';
import { startBackend } from '../support/backend.js';

const backend = await startBackend({ rows: 30 }, LOCAL);
const { call, sync, db } = backend;
const receiver = await startReceiver(backend);
const states = db.collection('schedulestates');
const configs = db.collection('syncconfigs');
const pass = () => call('sync-run-due', { body: {} });
const schedule = async () => {
  const { status, body } = await call('health', { query: { deep: '1' } });
  return { status, ...(body.checks as Record<string, Record<string, unknown>>).schedule };
};
const inStats = async () =>
  ((await call('sync-stats')).body.summary as Record<string, unknown>).schedule;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
const lastPass = (at: Date) => states.updateOne({}, { $set: { lastPass: at } }, { upsert: true });

beforeEach(async () => {
  receiver.seen.length = 0;
});

describe('a site whose schedule has never run', () => {
  it('is well without configurations, and in the first quarter of an hour with them', async () => {
    expect(await schedule()).toMatchObject({ ok: true, lastPass: null, overdue: false });
    await call('init-sync-config', { body: {} });
    await configs.updateMany({}, { $set: { nextRunAt: new Date(Date.now() + 3_600_000) } });
    await configs.updateOne({ tableId: 'orders' }, { $set: { createdAt: minutesAgo(14) } });
    expect(await schedule()).toMatchObject({ ok: true, overdue: false });
  });

  it('is red then, and raises no alert with its first pass', async () => {
    await configs.updateOne({ tableId: 'orders' }, { $set: { createdAt: minutesAgo(16) } });
    expect(await schedule()).toMatchObject({
      status: 503,
      ok: false,
      code: 'SCHEDULE_OVERDUE',
      message: expect.stringMatching(/\b15 minutes\b.*POST sync-run-due\b/),
      lastPass: null,
    });
    expect(await inStats()).toEqual({ lastPass: null, overdue: true });
    await pass();
    expect(receiver.seen).toEqual([]);
  });
});

describe('a pass', () => {
  it('is on record when it has ended', async () => {
    const before = Date.now();
    await pass();
    const at: Date = (await states.findOne({}))?.lastPass;
    expect(at.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(await schedule()).toMatchObject({ ok: true, lastPass: at.toISOString() });
    expect(await inStats()).toEqual({ lastPass: at.toISOString(), overdue: false });
  });
});

describe('a schedule that was silent', () => {
  it('is told from when to when by the next pass, and has recovered with the one after', async () => {
    const from = minutesAgo(40);
    await lastPass(from);
    expect(await schedule()).toMatchObject({ ok: false, code: 'SCHEDULE_OVERDUE' });
    await pass();
    expect(receiver.received()).toMatchObject([
      {
        event: 'schedule_silent',
        tableId: '*',
        message: expect.stringMatching(`${from.toISOString()} .*20\\d\\d-`),
        details: { silentSince: from.toISOString(), silentUntil: expect.any(String) },
      },
    ]);
    await pass();
    expect(receiver.events()).toEqual(['schedule_silent', 'recovered: schedule_silent']);
  });

  it('is told by a sync that somebody starts, once', async () => {
    await lastPass(minutesAgo(20));
    await sync('orders');
    await sync('orders');
    expect(receiver.events()).toEqual(['schedule_silent']);
    expect(await schedule()).toMatchObject({ ok: false });
  });
});
