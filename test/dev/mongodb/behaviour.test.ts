import { mongo } from 'mongoose';
import { beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/database.js';

interface Row {
  _id: string;
  QTY?: number;
  SERIALKEY?: number;
  _lake?: { modifiedAt: Date; deletedAt?: Date };
}

const { db, client } = await testDatabase();
const rows = db.collection<Row>('rows');
const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));

beforeEach(() => rows.deleteMany({}));

describe('a guarded replacement', () => {
  const replace = (QTY: number, modifiedAt: Date) => {
    // The stand-in sees that nothing changes only where the replacement carries its _id.
    const replacement = { _id: 'W|1', QTY, _lake: { modifiedAt } };
    return rows.replaceOne(
      { _id: 'W|1', '_lake.modifiedAt': { $not: { $gt: modifiedAt } } },
      replacement,
      { upsert: true },
    );
  };

  test('inserts where nothing is stored', async () => {
    expect(await replace(1, at(1))).toMatchObject({ upsertedCount: 1, matchedCount: 0 });
  });

  test('replaces where an older one is stored', async () => {
    await replace(1, at(1));
    const result = await replace(2, at(2));
    expect(result).toMatchObject({ upsertedCount: 0, matchedCount: 1, modifiedCount: 1 });
    expect(await rows.findOne({ _id: 'W|1' })).toMatchObject({ QTY: 2 });
  });

  test('modifies nothing where an equal one is stored', async () => {
    await replace(1, at(1));
    expect(await replace(1, at(1))).toMatchObject({ matchedCount: 1, modifiedCount: 0 });
  });

  test('is refused with E11000 where a newer one is stored', async () => {
    await replace(2, at(2));
    await expect(replace(1, at(1))).rejects.toMatchObject({ code: 11000 });
    expect(await rows.findOne({ _id: 'W|1' })).toMatchObject({ QTY: 2 });
  });

  test('replaces a document without _lake', async () => {
    await rows.insertOne({ _id: 'W|1', QTY: 0 });
    expect(await replace(1, at(1))).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
  });

  test('in an unordered bulk write fails alone, with its place and code', async () => {
    await replace(9, at(9));
    const bulk = ['W|0', 'W|1', 'W|2'].map((_id) => ({
      replaceOne: {
        filter: { _id, '_lake.modifiedAt': { $not: { $gt: at(1) } } },
        replacement: { _id, QTY: 1, _lake: { modifiedAt: at(1) } },
        upsert: true,
      },
    }));
    const error = await rows.bulkWrite(bulk, { ordered: false }).catch((thrown: unknown) => thrown);
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    expect([error.writeErrors].flat().map(({ index, code }) => ({ index, code }))).toEqual([
      { index: 1, code: 11000 },
    ]);
    expect(error.result.upsertedCount).toBe(2);
  });
});

describe('a delete mark', () => {
  const mark = (SERIALKEY: number, modifiedAt: Date) =>
    rows.updateOne(
      { _id: 'W|1', SERIALKEY, '_lake.modifiedAt': { $not: { $gt: modifiedAt } } },
      { $set: { _lake: { modifiedAt, deletedAt: modifiedAt } } },
      { upsert: true },
    );

  test('inserts key, SERIALKEY and _lake where nothing is stored', async () => {
    expect(await mark(5, at(1))).toMatchObject({ upsertedCount: 1 });
    expect(await rows.findOne()).toEqual({
      _id: 'W|1',
      SERIALKEY: 5,
      _lake: { modifiedAt: at(1), deletedAt: at(1) },
    });
  });

  test('marks the stored row and keeps its columns', async () => {
    await rows.insertOne({ _id: 'W|1', SERIALKEY: 5, QTY: 3, _lake: { modifiedAt: at(1) } });
    expect(await mark(5, at(2))).toMatchObject({ matchedCount: 1, modifiedCount: 1 });
    expect(await rows.findOne()).toMatchObject({ QTY: 3, _lake: { deletedAt: at(2) } });
  });

  test('is refused with E11000 where another SERIALKEY has the key', async () => {
    await rows.insertOne({ _id: 'W|1', SERIALKEY: 6, _lake: { modifiedAt: at(1) } });
    await expect(mark(5, at(2))).rejects.toMatchObject({ code: 11000 });
  });
});

test('Of several that become active at once a unique partial index lets one through, and the next when that one is done', async () => {
  const jobs = db.collection<{ _id: number; tableId: string; active?: true }>('jobs');
  await jobs.createIndex(
    { tableId: 1 },
    { unique: true, partialFilterExpression: { active: true } },
  );
  // Inserted first and made active by an update: the stand-in never gives back a unique
  // value that an insert took, when an update changes it.
  await jobs.insertMany([1, 2, 3, 4].map((_id) => ({ _id, tableId: 't' })));
  const activate = (_id: number) => jobs.updateOne({ _id }, { $set: { active: true } });

  const first = await Promise.allSettled([1, 2, 3].map(activate));
  expect(first.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(activate(4)).rejects.toMatchObject({ code: 11000 });

  await jobs.updateOne({ active: true }, { $unset: { active: '' } });
  await activate(4);
  expect(await jobs.countDocuments({ active: true })).toBe(1);
});

test("A lease is claimed by the server's own clock, by one of two", async () => {
  const leases = db.collection<{ _id: string; owner?: string; until?: Date; fence?: number }>(
    'leases',
  );
  await leases.insertOne({ _id: 'job' });
  const claim = (owner: string) =>
    leases.findOneAndUpdate(
      { _id: 'job', $expr: { $lte: [{ $ifNull: ['$until', new Date(0)] }, '$$NOW'] } },
      [
        {
          $set: {
            owner,
            until: { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: 60_000 } },
            fence: { $add: [{ $ifNull: ['$fence', 0] }, 1] },
          },
        },
      ],
      { returnDocument: 'after' },
    );
  const [a, b] = await Promise.all([claim('a'), claim('b')]);
  const winner = a ?? b;
  expect([a, b].filter(Boolean)).toHaveLength(1);
  expect(winner?.fence).toBe(1);
  expect(Math.abs(Number(winner?.until) - Date.now() - 60_000)).toBeLessThan(5_000);
});

test('A Decimal128 keeps every digit', async () => {
  const exact = '12345678901234567890.1234567890123';
  const decimals = db.collection('decimals');
  await decimals.insertOne({ value: mongo.BSON.Decimal128.fromString(exact) });
  expect(`${(await decimals.findOne())?.value}`).toBe(exact);
});

test('A TTL index is made', async () => {
  const history = db.collection('history');
  await history.createIndex({ endedAt: 1 }, { expireAfterSeconds: 86_400, name: 'ttl' });
  expect(await history.indexes()).toContainEqual(
    expect.objectContaining({ name: 'ttl', expireAfterSeconds: 86_400 }),
  );
});

test('A transaction that is aborted leaves nothing', async () => {
  await client.withSession(async (session) => {
    session.startTransaction();
    await rows.insertOne({ _id: 'W|1' }, { session });
    await session.abortTransaction();
  });
  expect(await rows.countDocuments()).toBe(0);
});
