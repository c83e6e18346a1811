import { beforeEach, describe, expect, it } from 'vitest';
import { TASKDETAIL } from '../../dev/lake/wms/objects.js';
import { createApp } from '../../src/app.js';
import { startBackend } from '../support/backend.js';
import { changeRows, type PassingAnswer, spoilingProxy } from '../support/spoiling-proxy.js';

/** Answers of the lake that contradict each other in ways that its own faults can't play. */

const HOUR_MS = 3_600_000;
const TASKS = TASKDETAIL.name;
const ROWS = 12;
const OPTIONS = {
  emptyPagePauseMs: 5,
  quotaMinuteMs: 1,
  lakePolicy: { attempts: 2, baseMs: 1, capMs: 5 },
};
const { lake, app, call, sync, configure, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  OPTIONS,
);
const proxy = await spoilingProxy(lake.url);
// The same tenant, reached through the proxy.
const proxied = createApp({ ...process.env, ION_API_URL: proxy.url }, OPTIONS);
Object.assign(await app().lake(), { compass: (await proxied.lake()).compass });

const isData = (sql: string) => sql.startsWith('WITH d AS');
const tasks = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    SERIALKEY: i + 1,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: `K${i + 1}`,
  }));
const start = (options: object = {}) =>
  call('sync-table', { body: { tableId: 'taskdetail', batchSize: 4, ...options } });
const withoutTotals = (answer: PassingAnswer) =>
  changeRows(answer, (rows) => rows.map(({ LAKE_ROWS: _, LAKE_KEY_SUM: __, ...row }) => row));

beforeEach(async () => {
  proxy.spoil();
  lake.clearFaults();
  for (const name of ['syncconfigs', 'taskdetails', 'syncjobs']) {
    await db.collection(name).deleteMany({});
  }
  await lake.defineObject(TASKDETAIL);
  await call('init-sync-config', { body: {} });
  lake.advance(2 * HOUR_MS);
  await lake.insert(TASKS, tasks(ROWS));
});

describe('totals that a page of the result leaves out', () => {
  it.each([0, 4, 8])('once, at offset %i, cost a second query and no proof', async (offset) => {
    let spoiled = 0;
    proxy.spoil((call, answer) => {
      const isIt = call.kind === 'result' && isData(call.sql) && call.offset === offset;
      return isIt && spoiled++ === 0 ? withoutTotals(answer) : answer;
    });
    const { proof } = await sync('taskdetail', { batchSize: 4 });
    expect(proof).toMatchObject({ how: 'result', read: ROWS });
    expect(await config('taskdetail')).not.toHaveProperty('totalsRefusedAt');
    await expectEqual('taskdetail');
  });

  it('on every page mean that the lake does not state any', async () => {
    proxy.spoil((call, answer) =>
      call.kind === 'result' && isData(call.sql) ? withoutTotals(answer) : answer,
    );
    expect((await sync('taskdetail', { batchSize: 4 })).proof).toMatchObject({ how: 'bounded' });
    await expectEqual('taskdetail');
  });

  it('together with a row that came twice and one that did not are found out', async () => {
    proxy.spoil((call, answer) => {
      if (call.kind !== 'result' || !isData(call.sql)) return answer;
      if (call.offset === 0) return withoutTotals(answer);
      return call.offset === 4 ? changeRows(answer, ([a, b, c]) => [a, b, c, c]) : answer;
    });
    const { body } = await start();
    expect(body).toMatchObject({ code: 'LAKE_RESULT_UNPROVEN', outcome: 'failed' });
    expect(await config('taskdetail')).not.toHaveProperty('watermark');
  });
});

describe('what the status of a query tells beside its columns', () => {
  const telling = (facts: object) => {
    proxy.spoil((call, answer) => {
      if (call.kind !== 'status' || !isData(call.sql)) return answer;
      return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), ...facts }) };
    });
  };

  it.each([null, '', false, 'unknown', -1, {}])(
    'is no number of rows where it is %j',
    async (rowCount) => {
      telling({ rowCount });
      expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS });
    },
  );

  it('contradicts itself where it names two numbers', async () => {
    telling({ rowCount: ROWS, recordCount: ROWS + 1 });
    expect((await start()).body.code).toBe('LAKE_RESULT_UNPROVEN');
  });
});

describe('a page past the end of a result without totals', () => {
  it.each<[string, PassingAnswer]>([
    ['a web page', { status: 200, type: 'text/html', body: '<html>no such page</html>' }],
    ['nothing', { status: 200, type: 'application/json', body: '' }],
    ['null', { status: 200, type: 'application/json', body: 'null' }],
  ])('may be %s', async (_name, end) => {
    lake.configure({ refuseTotals: true });
    proxy.spoil((call, answer) =>
      call.kind === 'result' && answer.body === '[]' && call.offset > 0 ? end : answer,
    );
    expect((await sync('taskdetail', { batchSize: 4 })).proof).toMatchObject({ how: 'bounded' });
    lake.configure({ refuseTotals: false });
    await expectEqual('taskdetail');
  });
});

describe('rows whose index times went back', () => {
  const goBack = async () => {
    await sync('taskdetail');
    const earlier = new Date(lake.now().getTime() - HOUR_MS);
    await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: '9' }, { at: earlier });
  };

  it('are found out although the answer about them is empty', async () => {
    await goBack();
    proxy.spoil((call, answer) =>
      call.kind === 'result' && call.sql.includes('"TASKDETAILKEY" =') && isData(call.sql)
        ? { ...answer, body: '[]' }
        : answer,
    );
    const { body } = await start({ mode: 'full' });
    expect(body.outcome).toBe('failed');
    proxy.spoil();
    expect((await start({ mode: 'full' })).body.code).toBe('LAKE_TIMES_WENT_BACK');
  });

  it('are mended by a rebuild in parts, which moves the watermark back', async () => {
    await goBack();
    await configure('taskdetail', { maxRecords: 5 });
    let outcome = (await sync('taskdetail', { mode: 'full', rebuild: true })).outcome;
    while (outcome === 'partial') outcome = (await sync('taskdetail')).outcome;
    await expectEqual('taskdetail');
    const { watermark } = await config('taskdetail');
    expect(watermark).toEqual(new Date(lake.now().getTime() - HOUR_MS));
    await lake.edit(
      TASKS,
      { TASKDETAILKEY: 'K1' },
      { QTY: '10' },
      { at: new Date(lake.now().getTime() - HOUR_MS / 2) },
    );
    await sync('taskdetail', { maxRecords: 0 });
    await expectEqual('taskdetail');
  });

  it('are not brought back by the rest of a run from before a rebuild that failed', async () => {
    await sync('taskdetail');
    await configure('taskdetail', { maxRecords: 4 });
    lake.advance(2 * HOUR_MS);
    await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: '8' });
    expect((await sync('taskdetail')).outcome).toBe('partial');
    await lake.edit(
      TASKS,
      'SERIALKEY > 0',
      { QTY: '9' },
      { at: new Date(lake.now().getTime() - HOUR_MS) },
    );
    lake.fault({ kind: '500', on: 'result', sql: '^WITH d AS', nth: 2, times: 99 });
    expect((await start({ mode: 'full', rebuild: true, maxRecords: 0 })).body.outcome).toBe(
      'failed',
    );
    lake.clearFaults();
    const { mode } = await sync('taskdetail', { maxRecords: 0 });
    expect(mode).toBe('full');
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).not.toHaveProperty('rebuilding');
  });

  it('of a table whose epoch nothing remembers are read again under the stored one', async () => {
    await sync('taskdetail');
    await sync('taskdetail', { mode: 'full', rebuild: true });
    for (const name of ['syncconfigs', 'syncjobs']) await db.collection(name).deleteMany({});
    await call('init-sync-config', { body: {} });
    lake.advance(HOUR_MS);
    await lake.edit(TASKS, 'SERIALKEY < 5', { QTY: '7' });
    await sync('taskdetail');
    await expectEqual('taskdetail');
    expect(await config('taskdetail')).toMatchObject({ epoch: 1 });
  });
});

describe('an answer about the delete flag without numbers', () => {
  it('turns no deletes off', async () => {
    proxy.spoil((call, answer) =>
      call.kind === 'result' && call.sql.includes('UNFLAGGED_ROWS')
        ? { ...answer, body: '[{}]' }
        : answer,
    );
    await sync('taskdetail');
    expect(await config('taskdetail')).toMatchObject({ lakeObject: { deletes: 'told' } });
  });
});

describe('a newest index time that the count tells without its fraction', () => {
  it('leaves no row of its second out', async () => {
    lake.advance(700);
    await lake.edit(TASKS, 'SERIALKEY > 3', { QTY: '7' });
    proxy.spoil((call, answer) =>
      call.kind === 'result' && call.sql.includes('ROW_COUNT')
        ? { ...answer, body: answer.body.replace(/\.\d+Z/g, 'Z') }
        : answer,
    );
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS });
    await expectEqual('taskdetail');
  });
});

describe('an index time at the end of all times', () => {
  it('is no fault', async () => {
    await lake.insert(TASKS, [{ SERIALKEY: 99, WHSEID: 'wmwhse1', TASKDETAILKEY: 'last' }], {
      at: '9999-12-31T23:59:59.999Z',
    });
    expect((await sync('taskdetail')).proof).toMatchObject({ how: 'result', read: ROWS + 1 });
    await expectEqual('taskdetail');
  });
});

describe('a collection that holds a stranger only', () => {
  it('is empty, and read in full', async () => {
    await sync('taskdetail');
    await db.collection('taskdetails').deleteMany({});
    await db.collection('taskdetails').insertOne({ _id: 'stranger' as never });
    expect((await sync('taskdetail')).mode).toBe('full');
    expect(await db.collection('taskdetails').countDocuments()).toBe(ROWS + 1);
  });
});
