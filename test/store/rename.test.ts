import { mongo } from 'mongoose';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { renameCollection } from '../../src/store/driver/rename.js';
import { testDatabase } from '../support/database.js';

const { db } = await testDatabase();
const scope = { clock: systemClock };

it('a rename whose answer is lost is done', async () => {
  await db.collection('a').insertOne({ n: 1 });
  const collection = db.collection('a');
  const real = collection.rename.bind(collection);
  let calls = 0;
  collection.rename = async (...args) => {
    calls++;
    const renamed = await real(...args);
    if (calls === 1) throw new mongo.MongoNetworkError('connection closed');
    return renamed;
  };
  await renameCollection(collection, 'b', scope);
  expect(calls).toBe(2);
  expect(await db.collection('b').countDocuments()).toBe(1);
});

it('a rename of a collection that was never there fails', async () => {
  await expect(renameCollection(db.collection('nowhere'), 'c', scope)).rejects.toMatchObject({
    code: 'MONGODB_FAILED',
  });
});
