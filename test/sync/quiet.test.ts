import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const MINUTE_MS = 60_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const { lake, call, sync, configure, config, db, expectEqual } = await startBackend(
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
const queries = () => lake.requests.filter(({ sql }) => sql !== undefined).length;
const pages = () => lake.requests.filter(({ kind }) => kind === 'result').length;
const rejects = () => db.collection('syncrejects');
const ago = (minutes: number) => new Date(lake.now().getTime() - minutes * MINUTE_MS);

/** What a run came to, what it read and what it asked the lake for. */
async function run(options: Record<string, unknown> = {}) {
  await longAgo();
  lake.clearRequests();
  const { outcome, stats, proof } = await sync('taskdetail', options);
  return { outcome, read: stats.processedRecords, proof, queries: queries(), pages: pages() };
}
const QUIET = { outcome: 'nothing_new', read: 0, queries: 1, pages: 1 };

/** Reads what is new, and once more what it wrote. */
async function settle() {
  await sync('taskdetail');
  await sync('taskdetail');
  await longAgo();
}

/** As if a lookback had passed since the digest was left. */
async function longAgo() {
  const digest = (await config('taskdetail')).windowDigest as string | undefined;
  if (digest === undefined) return;
  const windowDigest = `${digest.split('@')[0]}@0`;
  await db
    .collection('syncconfigs')
    .updateOne({ tableId: 'taskdetail' }, { $set: { windowDigest } });
}

await lake.insert(TASKS, tasks(20));
await sync('taskdetail');
await settle();
beforeEach(settle);
afterEach(async () => {
  lake.clearFaults();
  await lake.show(TASKS);
  await expectEqual('taskdetail');
});

describe('a quiet table', () => {
  it('costs one count query, also after a bulk load, and no data query', async () => {
    const counted = (await lake.rows(TASKS)).length;
    expect(await run()).toMatchObject({
      ...QUIET,
      proof: { how: 'unchanged', read: 0, counted },
    });
    expect(await run()).toMatchObject(QUIET);
  });

  it('keeps its watermark, and the history says what shows that nothing was new', async () => {
    const { watermark } = await config('taskdetail');
    const { historyId } = await sync('taskdetail');
    expect((await config('taskdetail')).watermark).toEqual(watermark);
    const { body } = await call('sync-status', { query: { historyId } });
    expect(body.history).toMatchObject({
      status: 'completed',
      outcome: 'nothing_new',
      recordsProcessed: 0,
      proof: { how: 'unchanged' },
    });
  });

  it('is read once more after a run that wrote rows: one index time may come twice', async () => {
    await lake.insert(TASKS, tasks(1));
    expect(await run()).toMatchObject({ outcome: 'complete' });
    expect(await run()).toMatchObject({ outcome: 'complete' });
    expect(await run()).toMatchObject(QUIET);
  });
});

describe('is no quiet table:', () => {
  it('one with a row that becomes visible late, within the lookback', async () => {
    await lake.insert(TASKS, tasks(1), { at: ago(29) });
    expect(await run()).toMatchObject({ outcome: 'complete' });
  });

  it('one with a row that changes its version within the window', async () => {
    await lake.insert(TASKS, tasks(1), { at: ago(20) });
    await settle();
    expect(await run()).toMatchObject(QUIET);
    await lake.edit(TASKS, `SERIALKEY = ${serial}`, { STATUS: '9' }, { at: ago(10) });
    expect(await run()).toMatchObject({ outcome: 'complete' });
  });

  it('one with a row that is deleted, or not visible any more', async () => {
    await lake.delete(TASKS, `SERIALKEY = ${serial}`);
    expect(await run()).toMatchObject({ outcome: 'complete' });
    await settle();
    await lake.hide(TASKS, 'SERIALKEY = 3');
    expect(await run()).toMatchObject({ outcome: 'complete' });
    await settle();
    await lake.show(TASKS);
    expect(await run()).toMatchObject({ outcome: 'complete' });
  });

  it('one whose collection is empty', async () => {
    await db.collection('taskdetails').deleteMany({});
    expect(await run()).toMatchObject({ outcome: 'complete' });
  });

  it('one with an open reject', async () => {
    await rejects().insertOne({ tableId: 'taskdetail', identity: 'x', open: true });
    expect(await run()).toMatchObject({ outcome: 'complete' });
    await rejects().deleteMany({});
  });

  it('one with another lookback, another watermark or the rest of an earlier run', async () => {
    await configure('taskdetail', { lookbackMinutes: 31 });
    expect(await run()).toMatchObject({ outcome: 'complete' });
    await configure('taskdetail', { lookbackMinutes: 30 });
    await settle();
    await lake.insert(TASKS, tasks(4));
    expect(await run({ maxRecords: 2 })).toMatchObject({ outcome: 'partial' });
    expect(await run()).toMatchObject({ outcome: 'complete' });
  });

  it('one that is asked for in full', async () => {
    expect(await run({ mode: 'full' })).toMatchObject({ outcome: 'complete' });
  });
});

describe('a lake', () => {
  it('that refuses to list groups is asked for a plain count, for a week', async () => {
    lake.fault({ kind: 'failed', sql: 'GROUP BY', every: 1 });
    expect(await run()).toMatchObject({ outcome: 'complete', queries: 3 });
    expect(await config('taskdetail')).toHaveProperty('groupsRefusedAt');
    expect(await run()).toMatchObject({ outcome: 'complete', queries: 2 });
    lake.clearFaults();
    const groupsRefusedAt = new Date(Date.now() - 8 * 24 * 60 * MINUTE_MS);
    await db
      .collection('syncconfigs')
      .updateOne({ tableId: 'taskdetail' }, { $set: { groupsRefusedAt } });
    await settle();
    expect(await config('taskdetail')).not.toHaveProperty('groupsRefusedAt');
    expect(await run()).toMatchObject(QUIET);
  });
});
