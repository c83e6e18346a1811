import { mongo } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RowDocument } from '../../src/models/row.js';
import { guardedWrite } from '../../src/rows/guarded-write.js';
import { bulkWrite, type RowCollection } from '../../src/store/row-writes.js';
import { testDatabase } from '../support/database.js';
import { answerLost, decoded, failing, minute, notReached, RULES, scope, write } from './rows.js';

const { db } = await testDatabase();
const rows = db.collection<RowDocument>('rows');
const stored = (id = 'K') => rows.findOne({ _id: id });

beforeEach(async () => {
  await rows.drop().catch(() => undefined);
});

describe('what became of each row is counted:', () => {
  it('created, updated, unchanged, and stale where what is stored is newer', async () => {
    await write(rows, [
      { id: 'old', at: 1 },
      { id: 'same', at: 5 },
      { id: 'newer', at: 9 },
    ]);
    const result = await write(rows, [
      { id: 'new', at: 5 },
      { id: 'old', at: 5 },
      { id: 'same', at: 5 },
      { id: 'newer', at: 5 },
    ]);
    expect(result).toMatchObject({
      created: 1,
      updated: 1,
      unchanged: 1,
      stale: 1,
      replayed: 0,
      refused: [],
      met: [{ row: { id: 'newer' }, stored: { _id: 'newer' } }],
    });
    expect(await stored('newer')).toMatchObject({ QTY: 9 });
  });

  it('nothing, where there is nothing to write', async () => {
    expect(await write(rows, [])).toMatchObject({ created: 0, replayed: 0 });
  });

  it('a row that the server refuses, with its reason, while all others are written', async () => {
    await rows.createIndex({ SERIALKEY: 1 }, { unique: true, name: 'of_somebody_else' });
    await write(rows, [{ id: 'first', at: 1, serial: 7 }]);
    const result = await write(rows, [
      { id: 'second', at: 1, serial: 7 },
      { id: 'third', at: 1, serial: 8 },
    ]);
    expect(result).toMatchObject({ created: 1, stale: 0, refused: [{ row: { id: 'second' } }] });
    expect(result.refused[0]?.message).toContain('of_somebody_else');
    expect(await stored('second')).toBeNull();
  });

  it('a row that is too large for a document, while all others are written', async () => {
    const values = { NOTES: 'x'.repeat(16 * 1024 * 1024) };
    const result = await write(rows, [
      { id: 'a', at: 1 },
      { id: 'b', at: 1, values },
      { id: 'c', at: 1 },
    ]);
    expect(result).toMatchObject({ created: 2, replayed: 0, refused: [{ row: { id: 'b' } }] });
    expect(await rows.countDocuments()).toBe(2);
  });

  it('a refused change of a stored row too', async () => {
    await rows.createIndex({ SERIALKEY: 1 }, { unique: true, name: 'of_somebody_else' });
    await write(rows, [
      { id: 'first', at: 1, serial: 7 },
      { id: 'second', at: 1, serial: 8 },
    ]);
    const result = await write(rows, [{ id: 'second', at: 2, serial: 7 }]);
    expect(result).toMatchObject({ updated: 0, stale: 0, refused: [{ row: { id: 'second' } }] });
    expect(await stored('second')).toMatchObject({ SERIALKEY: 8 });
  });
});

describe('a replacement', () => {
  it('takes values away that have become NULL', async () => {
    await write(rows, [{ at: 1, values: { SKU: 'A', LOT: 'B' } }]);
    await write(rows, [{ at: 2, values: { LOT: 'C' } }]);
    expect(await stored()).toEqual({
      _id: 'K',
      SERIALKEY: 1,
      QTY: 2,
      LOT: 'C',
      _lake: { modifiedAt: minute(2) },
    });
  });

  it('of an earlier document, which says nothing of its version, is made', async () => {
    await rows.insertOne({ _id: 'K', QTY: 0 } as unknown as RowDocument);
    expect(await write(rows, [{ at: 1 }])).toMatchObject({ updated: 1 });
  });

  it('keeps operators, dots and reserved words in values as data', async () => {
    const values = { NOTE: '$set', TEXT: '{"$gt": ""}', NESTED: { constructor: { toString: 1 } } };
    await write(rows, [{ at: 1, values }]);
    expect(await stored()).toMatchObject(values);
  });
});

describe('after a fault', () => {
  it('only what failed is sent again', async () => {
    const sizes: number[] = [];
    const recording: RowCollection = {
      find: rows.find.bind(rows),
      bulkWrite: (operations, options) => {
        sizes.push(operations.length);
        return rows.bulkWrite(operations, options);
      },
    };
    const partly = failing(recording, async (send) => {
      throw interruptedAt(1, await send());
    });
    const three = ['a', 'b', 'c'].map((id) => guardedWrite(decoded({ id, at: 1 }), RULES));
    const result = await bulkWrite(partly, three, scope);
    expect(sizes).toEqual([3, 1]);
    expect(result).toMatchObject({ replayed: 1, refused: [] });
    expect(await rows.countDocuments()).toBe(3);
  });

  it('what Atlas puts off is sent again, and every row is counted once', async () => {
    const sizes: number[] = [];
    const slowed: RowCollection = {
      find: rows.find.bind(rows),
      bulkWrite: async (operations, options) => {
        sizes.push(operations.length);
        if (sizes.length > 1) return rows.bulkWrite(operations, options);
        const others = operations.filter((_, index) => index !== 1);
        const text = 'too many connections, try again';
        throw interruptedAt(1, await rows.bulkWrite(others, options), 8000, text);
      },
    };
    const three = ['a', 'b', 'c'].map((id) => guardedWrite(decoded({ id, at: 1 }), RULES));
    const result = await bulkWrite(slowed, three, scope);
    expect(sizes).toEqual([3, 1]);
    const counts = { created: 3, updated: 0, unchanged: 0, stale: 0, refused: [] };
    expect(result).toMatchObject({ ...counts, replayed: 1 });
  });

  it('all are sent again where MongoDB could not confirm them, beside rows whose keys were held', async () => {
    await write(rows, [{ id: 'a', at: 9 }]);
    const unconfirmed = failing(rows, async (send) => {
      const error: unknown = await send().catch((thrown: unknown) => thrown);
      if (!(error instanceof mongo.MongoBulkWriteError)) throw new Error('nothing was held');
      const answer = error.result.getRawResponse() as { writeConcernErrors: object[] };
      answer.writeConcernErrors.push({ code: 64, errmsg: 'waiting for replication timed out' });
      throw error;
    });
    const two = ['a', 'b'].map((id) => guardedWrite(decoded({ id, at: 1 }), RULES));
    const result = await bulkWrite(unconfirmed, two, scope);
    expect(result).toMatchObject({ replayed: 2, unchanged: 1, stale: 1, refused: [] });
  });

  it('all are sent again where the answer was lost, and those that had arrived are unchanged', async () => {
    const three = ['a', 'b', 'c'].map((id) => guardedWrite(decoded({ id, at: 1 }), RULES));
    const result = await bulkWrite(failing(rows, answerLost), three, scope);
    expect(result).toEqual({
      created: 0,
      updated: 0,
      unchanged: 3,
      stale: 0,
      replayed: 3,
      refused: [],
      met: [],
    });
  });

  it('a newer version that came in between is not overwritten', async () => {
    const lost = failing(rows, async (send) => {
      await answerLost(send).catch(() => undefined);
      await write(rows, [{ at: 9 }]);
      throw new mongo.MongoNetworkError('connection closed');
    });
    expect(await write(lost, [{ at: 1 }])).toMatchObject({ stale: 1, replayed: 1 });
    expect(await stored()).toMatchObject({ QTY: 9 });
  });

  it('that lasts until the deadline, it says that time is up and for what', async () => {
    const away = failing(rows, notReached, notReached, notReached, notReached);
    const writes = [guardedWrite(decoded({ at: 1 }), RULES)];
    const deadline = Date.now() + 150;
    await expect(bulkWrite(away, writes, { ...scope, deadline })).rejects.toMatchObject({
      code: 'OUT_OF_TIME',
      details: [{ code: 'MONGODB_UNREACHABLE' }],
    });
  });

  it('that does not pass, it fails at once', async () => {
    const denied = failing(rows, async () => {
      throw new mongo.MongoServerError({ message: 'not authorized on db', code: 13 });
    });
    await expect(write(denied, [{ at: 1 }])).rejects.toMatchObject({
      code: 'MONGODB_AUTH_REFUSED',
    });
  });
});

/** As the server answers when an election ends one of the writes; none here can be made to. */
function interruptedAt(
  index: number,
  result: mongo.BulkWriteResult,
  code = 11_602,
  errmsg = 'interrupted',
): mongo.MongoBulkWriteError {
  // The driver keeps the class of its write errors to itself; it has these fields and more.
  const writeErrors = [{ index, code, errmsg }] as mongo.WriteError[];
  return new mongo.MongoBulkWriteError({ message: errmsg, code, writeErrors }, result);
}
