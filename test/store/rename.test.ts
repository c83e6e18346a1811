import { mongo } from 'mongoose';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createDatabase } from '../../src/store/connection.js';
import { RowStore } from '../../src/store/rows.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const models = await database.models();
afterAll(() => database.close());
const orders = models.rows('orders');
const rows = new RowStore(orders, { clock: systemClock });

it('a rename whose answer is lost is done', async () => {
  await db.collection(orders.collection.collectionName).insertOne({ n: 1 });
  const { collection } = orders;
  const real = collection.rename.bind(collection);
  let calls = 0;
  collection.rename = async (...args) => {
    calls++;
    const renamed = await real(...args);
    if (calls === 1) throw new mongo.MongoNetworkError('connection closed');
    return renamed;
  };
  await rows.setAside('b');
  expect(calls).toBe(2);
  expect(await db.collection('b').countDocuments()).toBe(1);
});

it('a rename of a collection that was never there fails', async () => {
  await expect(rows.setAside('c')).rejects.toMatchObject({ code: 'MONGODB_FAILED' });
});
