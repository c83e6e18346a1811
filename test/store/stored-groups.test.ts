import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import mongoose, { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createModels } from '../../src/models/index.js';
import { createDatabase } from '../../src/store/connection.js';
import { RowComparisonStore } from '../../src/store/row-comparison.js';
import type { StoredGroup } from '../../src/store/stored-groups.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const rows = (await database.models()).rows('orders');
const store = new RowComparisonStore(rows, { clock: systemClock });
const { Decimal128, Double, Long } = mongo;
afterAll(() => database.close());

const at = (ms: number, fields: object = {}) => ({
  WHSEID: 'wmwhse1',
  SERIALKEY: 1,
  _lake: { modifiedAt: new Date(ms) },
  ...fields,
});
const withLake = (lake: object) => at(0, { _lake: lake });
const withKey = (ms: number, SERIALKEY: unknown) => at(ms, { SERIALKEY });

async function groupsAfter(after?: Date) {
  const groups: StoredGroup[] = [];
  let foreign = 0;
  for await (const batch of store.groupsAfter(after)) {
    groups.push(...batch.groups);
    foreign += batch.foreign;
  }
  return { groups, foreign };
}

beforeAll(async () => {
  const documents: object[] = [
    ...[2, new Double(3), Long.fromNumber(4), Decimal128.fromString('5.0')].map((key) =>
      withKey(10, key),
    ),
    ...[1.5, '7', null, true, new Date(9), Number.NaN, Decimal128.fromString('1E30')].map((key) =>
      withKey(20, key),
    ),
    { WHSEID: 'wmwhse1', _lake: { modifiedAt: new Date(20) } },
    ...[1, 2].map(() => withKey(30, Long.fromString('4611686018427387000'))),
    at(50, { WHSEID: 5 }),
    at(50, { WHSEID: 'WMWHSE1' }),
    at(50, { WHSEID: null }),
    at(60, { _lake: { modifiedAt: new Date(60), unreadable: ['QTY'] } }),
    withLake({ modifiedAt: new Date(60), deletedAt: new Date(60) }),
    ...[{}, { modifiedAt: '2026' }, { modifiedAt: [new Date(70)] }, { modifiedAt: null }].map(
      withLake,
    ),
    { WHSEID: 'wmwhse1' },
  ];
  const numbered = documents.map((document, n) => ({ _id: `${n}`, ...document }));
  await db.collection<{ _id: string }>(rows.collection.collectionName).insertMany(numbered);
});

it('MongoDB’s groups tell what their SERIALKEYs add up to, and how many have one', async () => {
  const { groups } = await groupsAfter();
  const facts = groups.map(({ ms, documents, serials, serialSum }) => [
    ...[ms, documents, serials, serialSum],
  ]);
  expect(facts.slice(0, 1)).toEqual([[10, 4, 4, 14]]);
  // Which of these adds anything doesn't matter: their group is never equal by its sum.
  expect(groups[1]).toMatchObject({ ms: 20, documents: 8, serials: 0 });
  expect(facts[2]).toEqual([30, 2, 2, 9_223_372_036_854_774_000n]);
});

it('MongoDB’s groups go by the exact warehouse, in the order of time, without deleted documents', async () => {
  const { groups } = await groupsAfter(new Date(40));
  const names = groups.map(({ ms, whseid, documents, unreadable }) => [
    ...[ms, whseid, documents, unreadable],
  ]);
  expect(names).toHaveLength(4);
  expect(names).toEqual(
    expect.arrayContaining([
      [50, undefined, 1, 0],
      [50, '\u00005', 1, 0],
      [50, 'WMWHSE1', 1, 0],
      [60, 'wmwhse1', 1, 1],
    ]),
  );
  expect(names.at(-1)?.[0]).toBe(60);
});

it('documents without a version of ours are counted once, by what reads all groups', async () => {
  expect((await groupsAfter()).foreign).toBe(5);
  expect((await groupsAfter(new Date(40))).foreign).toBe(0);
});

/** MongoDB, each of whose answers comes so much later. @returns its connection string */
async function startSlowMongo(delayMs: number): Promise<string> {
  const { hostname, port } = new URL(uri);
  const server = createServer((client) => {
    const mongodb = connect(Number(port), hostname);
    client.pipe(mongodb);
    mongodb.on('data', (data) => setTimeout(() => client.write(data), delayMs));
    for (const [socket, other] of [
      [client, mongodb],
      [mongodb, client],
    ] as const) {
      socket.on('close', () => other.destroy());
      socket.on('error', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => server.close());
  const slow = new URL(uri);
  slow.port = String((server.address() as AddressInfo).port);
  slow.searchParams.set('directConnection', 'true');
  slow.searchParams.delete('replicaSet');
  return slow.href;
}

it('waits for MongoDB longer than the connection does', async () => {
  const slow = await startSlowMongo(400);
  const connection = await mongoose.createConnection(slow, { socketTimeoutMS: 200 }).asPromise();
  try {
    const orders = createModels(connection, TABLES).rows('orders');
    await expect(orders.collection.findOne({})).rejects.toThrow(/timed out/);
    const batches = new RowComparisonStore(orders, { clock: systemClock }).groupsAfter(undefined);
    const { value } = await batches.next();
    expect(value?.groups.length).toBeGreaterThan(0);
  } finally {
    await connection.close();
  }
});
