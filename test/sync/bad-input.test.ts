import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

const { lake, call, sync, config, db, expectEqual } = await startBackend({ rows: 60 });
await call('init-sync-config', { body: {} });
const start = (body: unknown) => call('sync-table', { body });
const counts = () =>
  Promise.all(
    ['syncjobs', 'synchistories', 'taskdetails', 'syncrejects'].map((name) =>
      db.collection(name).countDocuments(),
    ),
  );

let before: { counts: number[]; config: Record<string, unknown> };
beforeAll(async () => {
  await sync('taskdetail');
  before = { counts: await counts(), config: await config('taskdetail') };
});

describe('a request that is refused leaves no trace, and names the field:', () => {
  afterEach(async () => {
    expect({ counts: await counts(), config: await config('taskdetail') }).toEqual(before);
  });

  it.each<[string, unknown, string]>([
    ['no table', {}, 'tableId'],
    ['an empty table', { tableId: '' }, 'tableId'],
    ['an unknown table', { tableId: 'nope' }, 'tableId'],
    ['a table by another case', { tableId: 'TaskDetail' }, 'tableId'],
    ['a table with an operator', { tableId: { $gt: '' } }, 'tableId'],
    ['a list of tables', { tableId: ['taskdetail'] }, 'tableId'],
    ['a number for a table', { tableId: 1 }, 'tableId'],
    ['null for a table', { tableId: null }, 'tableId'],
    ['a very long table', { tableId: 'x'.repeat(10_000) }, 'tableId'],
  ])('%s', async (_name, body, field) => {
    const reply = await start(body);
    expect({ status: reply.status, field: reply.body.details[0]?.field }).toEqual({
      status: 400,
      field,
    });
  });

  it.each<[string, unknown]>([
    ['mode', 'everything'],
    ['mode', 1],
    ['whseid', []],
    ['whseid', 5],
    ['whseid', { $ne: '' }],
    ['whseid', 'x'.repeat(31)],
    ['startDate', 20250101],
    ['startDate', '2025-02-30'],
    ['startDate', '2025-13-01'],
    ['startDate', '01/02/2025'],
    ['startDate', 'yesterday'],
    ['startDate', "2025-01-01' OR '1'='1"],
    ['startDate', '1899-12-31'],
    ['startDate', '2025-01-01T24:00:00'],
    ['endDate', { $gt: '' }],
    ['endDate', '2025-04-31'],
    ['endDate', '2025-01-01T10:00:00+25:00'],
    ['dateColumn', 'EDITDATE'],
    ['batchSize', 0],
    ['batchSize', -5],
    ['batchSize', 10_000_000],
    ['batchSize', 1.5],
    ['batchSize', '1.5'],
    ['batchSize', 'many'],
    ['maxRecords', -1],
    ['maxRecords', 1e300],
    ['wait', -1],
    ['wait', 3600],
    ['force', 'true'],
    ['force', 1],
    ['dryRun', true],
    ['where', '1=1'],
    ['$where', 'sleep(1000)'],
  ])('%s: %j', async (field, value) => {
    const { status, body } = await start({ tableId: 'taskdetail', [field]: value });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.details.map((detail) => detail.field?.split('.')[0])).toEqual([field]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a start after the end', { startDate: '2025-01-02', endDate: '2025-01-01' }, 'startDate'],
    ['a full run of some days', { mode: 'full', startDate: '2025-01-01' }, 'mode'],
    ['a backfill of nothing', { mode: 'backfill' }, 'startDate'],
    ['a column that is no date', { startDate: '2025-01-01', dateColumn: 'SKU' }, 'dateColumn'],
    [
      'a column that does not exist',
      { startDate: '2025-01-01', dateColumn: 'x"; --' },
      'dateColumn',
    ],
  ])('%s', async (_name, options, field) => {
    const { status, body } = await start({ tableId: 'taskdetail', ...options });
    expect({ status, field: body.details[0]?.field }).toEqual({ status: 400, field });
  });

  it.each(['a\\b', '\\', "wmwhse1\\' OR 1=1 --", 'nul\u0000', '\ud800'])(
    'a warehouse that no query can hold: %j',
    async (whseid) => {
      for (const value of [whseid, ['wmwhse1', whseid]]) {
        const { status, body } = await start({ tableId: 'taskdetail', whseid: value });
        expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
        expect(body.details[0]?.field).toMatch(/^whseid/);
      }
    },
  );

  it('many wrong fields, each by its name', async () => {
    const { body } = await start({ tableId: 'taskdetail', batchSize: 0, mode: 'x', nope: 1 });
    expect(body.details.map(({ field }) => field).sort()).toEqual(['batchSize', 'mode', 'nope']);
  });
});

describe('a value that looks like SQL', () => {
  it.each([
    "' OR '1'='1",
    "wmwhse1' OR '1'='1",
    "'; DROP TABLE x; --",
    "' UNION SELECT 1 --",
    'wmwhse1"',
    '/* */',
    '%',
    '?',
    ':name',
    '$1',
    "''",
    'wmwhse１',
  ])('is a warehouse without rows: %j', async (whseid) => {
    const { outcome, stats } = await sync('taskdetail', { whseid, mode: 'full' });
    expect({ outcome, read: stats.processedRecords }).toEqual({ outcome: 'nothing_new', read: 0 });
    const sent = lake.requests.filter(({ kind }) => kind === 'submit').at(-1);
    expect(sent?.sql).toContain(`"WHSEID" IN ('${whseid.replaceAll("'", "''")}')`);
  });

  it('is found where a warehouse has that name', async () => {
    const WHSEID = "o'br'ien; --";
    await lake.insert('CSWMS_wmwhse_TASKDETAIL', [
      { WHSEID, SERIALKEY: 900_001, TASKDETAILKEY: "'; --" },
    ]);
    const { stats } = await sync('taskdetail', { whseid: WHSEID, mode: 'full' });
    expect(stats.insertedRecords).toBe(1);
    await sync('taskdetail');
    await expectEqual('taskdetail');
  });
});

describe('the watermark and the rows', () => {
  it('are what they were after all of it', async () => {
    const { failureCount, lastSyncStatus } = await config('taskdetail');
    expect({ failureCount, lastSyncStatus }).toEqual({
      failureCount: 0,
      lastSyncStatus: 'completed',
    });
    await expectEqual('taskdetail');
  });
});
