import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../dev/lake/index.js';
import { startBackend } from '../support/backend.js';

const HOUR_MS = 3_600_000;
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ROWS = 30;
const { lake, call, sync, configure, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { emptyPagePauseMs: 5, lakePolicy: { attempts: 2, baseMs: 1, capMs: 5 }, quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });
await lake.insert(
  TASKS,
  Array.from({ length: ROWS }, (_, i) => ({
    SERIALKEY: i + 1,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: `K${i + 1}`,
  })),
);

beforeEach(async () => {
  for (const name of ['syncconfigs', 'taskdetails', 'syncjobs']) {
    await db.collection(name).deleteMany({});
  }
  await call('init-sync-config', { body: {} });
  await configure('taskdetail', { maxRecords: 10, batchSize: 5 });
  lake.advance(HOUR_MS);
  expect((await sync('taskdetail')).outcome).toBe('partial');
});
afterEach(() => {
  lake.clearFaults();
  lake.beforeCall(undefined);
});

describe('a query that an earlier run has left', () => {
  const statuses = (fault: Partial<Fault> & Pick<Fault, 'kind'>): Fault => ({
    on: 'status',
    ...fault,
  });
  it.each<[string, Fault]>([
    ['is forgotten', statuses({ kind: 'lostResult' })],
    ['is answered by a server error', statuses({ kind: '500', times: 2 })],
    ['goes on for ever under an unknown word', statuses({ kind: 'unknownStatus' })],
    ['gives an empty page', { kind: 'emptyPage', times: 2 }],
    ['has no such page', { kind: 'pageStatus', status: 404 }],
    ['is refused, bad request', { kind: 'pageStatus', status: 400, times: 9 }],
    ['is refused, forbidden', { kind: 'pageStatus', status: 403, times: 9 }],
    ['is answered by no list', { kind: 'notAList', times: 9 }],
    ['states another total now', { kind: 'repeatedPage', times: 9 }],
  ])('and that %s: the run sends another one', async (_name, fault) => {
    lake.clearRequests();
    let isSentAgain = false;
    lake.beforeCall(async ({ kind, sql }) => {
      if (kind !== 'submit' || !sql?.startsWith('WITH d AS')) return;
      isSentAgain = true;
      // What is wrong is wrong with the old query only.
      lake.clearFaults();
    });
    lake.fault(fault);
    await configure('taskdetail', { maxRecords: 0 });
    const { outcome, proof } = await sync('taskdetail');
    expect({ outcome, proof, isSentAgain }).toMatchObject({
      outcome: 'complete',
      proof: { how: 'result', read: ROWS },
      isSentAgain: true,
    });
    expect(await config('taskdetail')).not.toHaveProperty('leftovers');
    await expectEqual('taskdetail');
  });

  it('goes on where nothing is wrong with it, and no other is sent', async () => {
    lake.clearRequests();
    expect((await sync('taskdetail')).outcome).toBe('partial');
    expect((await sync('taskdetail')).outcome).toBe('complete');
    expect(lake.requests.filter(({ kind }) => kind === 'submit')).toHaveLength(0);
    await expectEqual('taskdetail');
  });
});

describe("a request's own maxRecords", () => {
  it('in the configured scope goes on where the last request ended, until the table is read', async () => {
    await db.collection('syncconfigs').deleteMany({});
    await db.collection('taskdetails').deleteMany({});
    await call('init-sync-config', { body: {} });
    const outcomes: string[] = [];
    for (let click = 1; click <= 4; click++) {
      outcomes.push((await sync('taskdetail', { maxRecords: 8 })).outcome);
    }
    expect(outcomes).toEqual(['partial', 'partial', 'partial', 'complete']);
    await expectEqual('taskdetail');
    expect((await config('taskdetail')).watermark).toBeInstanceOf(Date);
  });
});

describe('a young query', () => {
  it.each<[string, Fault]>([
    ['right after it was sent', { kind: 'pageStatus', status: 404, on: 'status', times: 2 }],
    [
      'right after it has finished',
      { kind: 'pageStatus', status: 404, sql: 'LAKE_ROWS', times: 2 },
    ],
    [
      'of a count, right after it has finished',
      { kind: 'pageStatus', status: 404, sql: 'ROW_COUNT', times: 2 },
    ],
  ])('that the lake does not know %s is asked for again', async (_name, fault) => {
    lake.fault(fault);
    lake.clearRequests();
    const { proof } = await sync('taskdetail', { mode: 'full', maxRecords: 0 });
    expect(proof).toMatchObject({ how: 'result', read: ROWS });
    // Two about the object, the count, and the query: none was sent twice.
    expect(lake.requests.filter(({ kind }) => kind === 'submit')).toHaveLength(4);
  });
});

describe('a page that the lake cannot deliver', () => {
  it.each([400, 413, 500])('in that size (%i) is asked for in halves', async (status) => {
    lake.beforeCall(async ({ kind, sql, limit = 0 }) => {
      lake.clearFaults();
      if (kind !== 'result' || !sql?.includes('LAKE_ROWS') || limit <= 4) return;
      lake.fault(status === 500 ? { kind: '500', on: 'result' } : { kind: 'pageStatus', status });
    });
    lake.clearRequests();
    const { proof } = await sync('taskdetail', { mode: 'full', maxRecords: 0, batchSize: 16 });
    expect(proof).toMatchObject({ how: 'result', read: ROWS });
    // Once found out, the size is kept to.
    const refused = lake.requests.filter((one) => one.kind === 'result' && one.status === status);
    expect(refused.length).toBeLessThanOrEqual(status === 500 ? 4 : 2);
    await expectEqual('taskdetail');
  });

  it.each([
    ['a count', 'MAX\\(', 1],
    // 5, 3, 2 rows, and one.
    ['rows', 'LAKE_ROWS', 4],
  ])(
    'of %s that is refused in any size is asked for again, of a new query',
    async (_what, sql, times) => {
      lake.fault({ kind: 'pageStatus', status: 400, sql, times });
      const { proof } = await sync('taskdetail', { mode: 'full', maxRecords: 0, batchSize: 5 });
      expect(proof).toMatchObject({ how: 'result', read: ROWS });
      expect(lake.faults()).toMatchObject([{ struck: times }]);
      await expectEqual('taskdetail');
    },
  );

  it('in any size, again and again, fails the run', async () => {
    lake.fault({ kind: 'pageStatus', status: 400, sql: 'LAKE_ROWS', every: 1 });
    const { body } = await call('sync-table', {
      body: { tableId: 'taskdetail', mode: 'full', maxRecords: 0 },
    });
    expect(body).toMatchObject({ code: 'LAKE_REFUSED', outcome: 'failed' });
    expect(lake.requests.length).toBeLessThan(200);
  });
});

describe('a table of which a part is read', () => {
  it('is read from the beginning where its collection has been emptied', async () => {
    await db.collection('taskdetails').deleteMany({});
    await configure('taskdetail', { maxRecords: 0 });
    expect((await sync('taskdetail')).outcome).toBe('complete');
    await expectEqual('taskdetail');
  });
});
