import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lake, startLake } from '../../dev/lake/index.js';
import { systemClock } from '../../src/clock.js';
import { readIonCredentials } from '../../src/config/ion-credentials.js';
import { type Compass, createCompass } from '../../src/datafabric/compass.js';
import { dateRange } from '../../src/datafabric/date-range.js';
import { countQuery, dataQuery } from '../../src/datafabric/query-builder.js';
import { splitBySerial } from '../../src/datafabric/serial-split.js';
import { createGateway } from '../../src/ion/gateway.js';
import { createHttp } from '../../src/ion/http.js';
import { createTokenSource } from '../../src/ion/token-source.js';
import { failureOf } from '../ion/credentials.js';

const ROWS = 300;
const tasks = { object: 'CSWMS_wmwhse_TASKDETAIL', serialKey: 'SERIALKEY', deleteFlag: false };
const FLAGGED = {
  name: 'TEST_FLAGGED',
  columns: [
    { name: 'ID', type: 'text' },
    { name: 'SERIALKEY', type: 'integer' },
    { name: 'WHSEID', type: 'text' },
    { name: 'ADDDATE', type: 'timestamp' },
    { name: 'QTY', type: 'decimal' },
    { name: 'deleted', type: 'text' },
  ],
  identity: ['ID'],
  deleteFlag: { column: 'deleted', deletedValue: 'true', liveValue: 'false' },
} as const;
const flagged = { object: FLAGGED.name, serialKey: 'SERIALKEY', deleteFlag: true };

let lake: Lake;
let folder: string;
let compass: Compass;

beforeAll(async () => {
  lake = await startLake({ rows: ROWS, objects: [FLAGGED] });
  folder = mkdtempSync(join(tmpdir(), 'lake-'));
  const file = join(folder, 'test.ionapi');
  writeFileSync(file, JSON.stringify(lake.credentials));
  const credentials = readIonCredentials({}, { file });
  const http = createHttp();
  const clock = systemClock;
  const tokens = createTokenSource({ credentials, http, clock });
  const policy = { attempts: 3, baseMs: 5, capMs: 20 };
  compass = createCompass({
    clock,
    gateway: createGateway({ credentials, tokens, http, clock, policy }),
  });
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  lake.configure({ queryMs: 0, maxPageRows: 100_000 });
});

/** Submits, waits, and reads all pages of `limit` rows. */
async function read(sql: string, limit = 1_000) {
  const submittedAt = Date.now();
  const queryId = await compass.submit(sql);
  expect(await compass.waitUntilEnded(queryId, { submittedAt })).toMatchObject({
    state: 'finished',
  });
  const rows = [];
  for (let page = null; page === null || page.length > 0; rows.push(...page)) {
    page = await compass.page(queryId, { offset: rows.length, limit });
  }
  return rows;
}

describe('a table of the lake', () => {
  test('is counted, with the bounds of its serial keys and of its changes', async () => {
    const {
      rows: [count, ...others],
    } = await compass.query(countQuery(tasks, {}, {}));
    const keys = (await lake.rows(tasks.object)).map(({ SERIALKEY }) => Number(SERIALKEY));
    expect(others).toEqual([]);
    expect(count).toMatchObject({
      ROW_COUNT: String(keys.length),
      MIN_SERIALKEY: String(Math.min(...keys)),
      MAX_SERIALKEY: String(Math.max(...keys)),
      MAX_MODIFIED: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('is read whole, in pages of any size, also if they come shorter than asked', async () => {
    lake.configure({ maxPageRows: 37 });
    const rows = await read(dataQuery(tasks, {}, {}), 50);
    const expected = await lake.rows(tasks.object);
    const key = (row: Readonly<Record<string, unknown>>) => String(row.TASKDETAILKEY);
    expect(rows.map(key).sort()).toEqual(expected.map(key).sort());
    expect(rows[0]).toHaveProperty('LAKE_MODIFIED');
  });

  test('is read by warehouse, by date to the end of the last day, and by change', async () => {
    const rows = [
      { ID: '1', SERIALKEY: 1, WHSEID: 'w1', ADDDATE: '2025-01-31T23:59:59.999Z' },
      { ID: '2', SERIALKEY: 2, WHSEID: 'w1', ADDDATE: '2025-02-01T00:00:00.000Z' },
      { ID: '3', SERIALKEY: 3, WHSEID: "w'2", ADDDATE: '2025-01-01T00:00:00.000Z' },
    ];
    await lake.insert(FLAGGED.name, rows, { at: '2025-03-01T00:00:00.000Z' });
    const later = { ID: '4', WHSEID: 'w1', QTY: '12345678901234567.12345' };
    await lake.insert(FLAGGED.name, [later], { at: '2025-03-01T00:00:05.000Z' });
    await lake.delete(FLAGGED.name, { ID: '3' }, { at: '2025-03-01T00:00:09.000Z' });
    const ids = async (
      ...query: [Parameters<typeof dataQuery>[1], Parameters<typeof dataQuery>[2]]
    ) => (await read(dataQuery(flagged, ...query))).map(({ ID }) => ID).sort();
    const at = (second: number) => new Date(Date.UTC(2025, 2, 1, 0, 0, second));
    const january = { column: 'ADDDATE', ...dateRange('2025-01-01', '2025-01-31') };

    expect(await ids({}, {})).toEqual(['1', '2', '3', '4']);
    expect(await ids({ whseids: ["w'2"] }, {})).toEqual(['3']);
    expect(await ids({ date: january }, {})).toEqual(['1', '3']);
    expect(await ids({}, { modifiedFrom: at(0), modifiedTo: at(5) })).toEqual(['1', '2', '4']);
    expect(await ids({}, { modifiedFrom: at(5), modifiedTo: at(9) })).toEqual(['3', '4']);
    const parts = await Promise.all(splitBySerial(1n, 3n, 3).map((range) => ids({}, range)));
    expect(parts).toEqual([['1', '4'], ['2'], ['3']]);

    const [quantity] = await read(dataQuery(flagged, { whseids: ['w1'] }, { modifiedFrom: at(5) }));
    expect(quantity).toMatchObject({
      ID: '4',
      QTY: expect.stringContaining('12345678901234567.12345'),
    });
    expect(quantity).not.toHaveProperty('ADDDATE');
  });
});

describe('a query', () => {
  test("that fails tells the lake's reason and where it lies", async () => {
    const error = await failureOf(compass.query('SELECT "NOPE" FROM "CSWMS_wmwhse_TASKDETAIL"'));
    expect(error.code).toBe('LAKE_QUERY_FAILED');
    expect(error.details[0]).toMatchObject({
      message: expect.stringContaining('NOPE'),
      code: '401',
      line: 1,
      position: 8,
    });
  });

  test('that takes its time is waited for with one call, or left running at the deadline', async () => {
    lake.configure({ queryMs: 700 });
    const submittedAt = Date.now();
    const queryId = await compass.submit('SELECT COUNT(*) AS "N" FROM "CSWMS_wmwhse_TASKDETAIL"');
    lake.clearRequests();
    const early = await compass.waitUntilEnded(queryId, {
      submittedAt,
      deadline: submittedAt + 50,
    });
    expect(early).toEqual({ state: 'running' });
    lake.clearRequests();
    const ended = await compass.waitUntilEnded(queryId, { submittedAt });
    expect(ended).toEqual({
      state: 'finished',
      columns: ['N'],
      kinds: [{ column: 'N', kind: 'number' }],
    });
    expect(lake.requests.filter(({ kind }) => kind === 'status')).toHaveLength(1);
  });

  test('that is canceled says so to who waits for it, and may be canceled twice', async () => {
    lake.configure({ queryMs: 60_000 });
    const submittedAt = Date.now();
    const queryId = await compass.submit('SELECT 1 AS "N"');
    const waiting = failureOf(compass.waitUntilEnded(queryId, { submittedAt }));
    await compass.cancel(queryId);
    expect((await waiting).code).toBe('LAKE_QUERY_CANCELED');
    await compass.cancel(queryId);
  });

  test('whose result has expired is lost', async () => {
    const submittedAt = Date.now();
    const queryId = await compass.submit('SELECT 1 AS "N"');
    await compass.waitUntilEnded(queryId, { submittedAt });
    lake.advance(21 * 3_600_000);
    const error = await failureOf(compass.page(queryId, { offset: 0, limit: 10 }));
    expect(error.code).toBe('LAKE_RESULT_LOST');
  });
});

test('answers a ping, and goes on with a new token where the old one expired', async () => {
  await compass.ping();
  lake.expireTokens();
  lake.clearRequests();
  await compass.ping();
  expect(lake.requests.map(({ kind, status }) => [kind, status])).toEqual([
    ['ping', 401],
    ['token', 200],
    ['ping', 200],
  ]);
});
