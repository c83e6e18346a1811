import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../support/database.js';

// What correctness depends on, stated of the driver and the server alone: where one of these fails,
// it is not this backend's code that has changed. More of it is in test/dev/mongodb/behaviour.

interface Document {
  _id: string;
  [field: string]: unknown;
}

const { db } = await testDatabase();
const documents = db.collection<Document>('documents');
// The driver's types know no paths in updates of a document with any fields.
const change = (update: object, options: mongo.UpdateOptions = {}) =>
  documents.updateOne({ _id: 'a' }, update as mongo.UpdateFilter<Document>, options);
const stored = () => documents.findOne({ _id: 'a' });
const UPSERT = { upsert: true } as const;
const failureOf = async (operation: Promise<unknown>): Promise<mongo.MongoServerError> => {
  const error = await operation.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof mongo.MongoServerError)) throw error ?? new Error('nothing was thrown');
  return error;
};

beforeEach(async () => {
  await documents.deleteMany({});
});

describe('an update', () => {
  it("sets times by the server's clock, in a parent that it makes", async () => {
    await documents.insertOne({ _id: 'a' });
    await change({ $set: { 'lease.owner': 'me' }, $currentDate: { 'lease.at': true } });
    expect(await stored()).toEqual({ _id: 'a', lease: { owner: 'me', at: expect.any(Date) } });
  });

  it('is refused where it sets a parent and a time below it', async () => {
    await documents.insertOne({ _id: 'a' });
    const changed = change({ $set: { lease: {} }, $currentDate: { 'lease.at': true } });
    expect(await failureOf(changed)).toMatchObject({ code: 40 });
  });

  it('takes a number in a path for a place of an array, and for a name where there is none', async () => {
    await documents.insertOne({ _id: 'a', segments: [{ next: 0 }, { next: 0 }] });
    await change({ $set: { 'segments.1.next': 5, 'workers.0': 1 } });
    expect(await stored()).toEqual({
      _id: 'a',
      segments: [{ next: 0 }, { next: 5 }],
      workers: { '0': 1 },
    });
  });

  it('counts, bounds and lists in fields that are not there yet', async () => {
    await change({ $inc: { takeUps: 1 }, $min: { from: 5 }, $push: { outbox: 'x' } }, UPSERT);
    await change({ $min: { from: 7 }, $pop: { outbox: -1 } });
    expect(await stored()).toEqual({ _id: 'a', takeUps: 1, from: 5, outbox: [] });
  });

  it('that finds nothing gives null', async () => {
    expect(await documents.findOneAndUpdate({ _id: 'a' }, { $set: { n: 1 } })).toBeNull();
  });
});

describe('an upsert', () => {
  it('whose filter asks for more than the _id is refused where that is held', async () => {
    await documents.insertOne({ _id: 'a', open: true });
    const opened = documents.updateOne({ _id: 'a', open: false }, { $set: { n: 1 } }, UPSERT);
    expect(await failureOf(opened)).toMatchObject({ code: 11_000 });
  });

  it('names the index before the key, whatever that holds', async () => {
    const _id = 'x index: of_others dup key: y';
    await documents.insertOne({ _id, n: 2 });
    const replaced = documents.replaceOne({ _id, n: { $not: { $gt: 1 } } }, { n: 1 }, UPSERT);
    expect((await failureOf(replaced)).message).toMatch(/^[^{]* index: _id_ dup key: \{/);
  });
});

describe('a replacement', () => {
  const replace = async (document: Document) =>
    (await documents.replaceOne({ _id: 'a' }, document)).modifiedCount;

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['the order of fields', { n: 1, m: 2 }, { m: 2, n: 1 }],
    ['the type of a number', { n: 1 }, { n: new mongo.BSON.Double(1) }],
    ['the digits of a decimal', { n: decimal('1.0') }, { n: decimal('1.00') }],
  ])('changes nothing only where %s is the same, too', async (_what, one, other) => {
    await documents.insertOne({ _id: 'a', ...one });
    expect(await replace({ _id: 'a', ...one })).toBe(0);
    expect(await replace({ _id: 'a', ...other })).toBe(1);
  });
});

describe('a filter', () => {
  const matches = async (filter: mongo.Filter<Document>) =>
    (await documents.countDocuments({ _id: 'a', ...filter })) === 1;

  it('for null finds what is not there', async () => {
    await documents.insertOne({ _id: 'a' });
    expect(await matches({ watermark: null })).toBe(true);
    expect(await matches({ sourceHash: { $in: ['x', null] } })).toBe(true);
    expect(await matches({ at: { $not: { $gt: new Date(0) } } })).toBe(true);
  });

  it.each([
    new mongo.BSON.Int32(7),
    new mongo.BSON.Double(7),
    mongo.BSON.Long.fromNumber(7),
    decimal('7'),
  ])('compares numbers by their value, whatever their type (%o)', async (n) => {
    await documents.insertOne({ _id: 'a', n });
    expect(await matches({ n: { $lt: 8 } })).toBe(true);
    expect(await matches({ n: { $gt: decimal('6.9') } })).toBe(true);
    expect(await matches({ n: 7 })).toBe(true);
    expect(await matches({ n: { $lt: '8' } })).toBe(false);
  });

  it('for no such element finds a list of others, and none', async () => {
    await documents.insertOne({ _id: 'a', segments: [{ state: 'read' }] });
    const noneOpen = { segments: { $not: { $elemMatch: { state: 'open' } } } };
    expect(await matches(noneOpen)).toBe(true);
    await change({ $push: { segments: { state: 'open' } } });
    expect(await matches(noneOpen)).toBe(false);
  });
});

describe('a collection', () => {
  it('that is not there has no indexes to list, and can not be renamed', async () => {
    expect(await failureOf(db.collection('none').indexes())).toMatchObject({ code: 26 });
    expect(await failureOf(db.renameCollection('none', 'other'))).toMatchObject({ code: 26 });
  });

  it('keeps the time after which documents expire, whatever is asked for later', async () => {
    const ttl = (expireAfterSeconds: number) =>
      db.collection('expiring').createIndex({ at: 1 }, { name: 'ttl', expireAfterSeconds });
    await ttl(10);
    await ttl(10);
    expect(await failureOf(ttl(20))).toMatchObject({ code: 85 });
  });
});

it('a majority read sees what a majority has acknowledged', async () => {
  const majority = { w: 'majority', readConcern: { level: 'majority' } } as const;
  const collection = db.collection<Document>('documents', majority);
  for (let n = 1; n <= 20; n++) {
    await collection.updateOne({ _id: 'a' }, { $set: { n } }, UPSERT);
    expect(await collection.findOne({ _id: 'a' })).toEqual({ _id: 'a', n });
  }
});

function decimal(digits: string): mongo.BSON.Decimal128 {
  return mongo.BSON.Decimal128.fromString(digits);
}
