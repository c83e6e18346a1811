import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RowDocument } from '../../src/models/row.js';
import { write } from '../rows/rows.js';
import { testDatabase } from '../support/database.js';

// Failures as only a real server makes them: by its own fail points, which a mongod has that is
// started with --setParameter enableTestCommands=1. They strike the clients of this file only.

const { uri, client: operator } = await testDatabase();
const appName = `real-server-${randomUUID()}`;
const client = new mongo.MongoClient(`${uri}${uri.includes('?') ? '&' : '?'}appName=${appName}`, {
  w: 'majority',
  retryWrites: true,
});
const rows = client.db().collection<RowDocument>('rows');
afterAll(() => client.close());

type FailPoint = { readonly mode: 'off' | { readonly times: number }; readonly data?: object };

const setFailPoint = (failPoint: FailPoint) =>
  operator.db('admin').command({ configureFailPoint: 'failCommand', ...failPoint });

const isAllowed = await setFailPoint({ mode: 'off' }).then(
  () => true,
  () => false,
);
// Who names a server wants to know what it does: without fail points these tests fail there.
const isMissing = !isAllowed && !process.env.TEST_MONGODB_URI;
if (isMissing) console.warn('No real MongoDB with fail points: test/store/real-server is skipped.');

/** More than the driver repeats by itself. */
const TIMES = 3;

function fail(command: 'update' | 'find', failure: object): Promise<unknown> {
  const data = { failCommands: [command], appName, ...failure };
  return setFailPoint({ mode: { times: TIMES }, data });
}

const NEW = ['a', 'b', 'c'].map((id) => ({ id, at: 5 }));

describe.skipIf(isMissing)('a page of rows, on a real server that', () => {
  beforeEach(async () => {
    await rows.deleteMany({});
  });
  afterEach(() => setFailPoint({ mode: 'off' }));

  it.each([
    [10_107, 'is no longer the primary'],
    [11_602, 'is stepping down'],
    [91, 'is shutting down'],
    [365, 'is short of cache'],
    [133, 'finds no primary of a shard'],
    [202, 'gets no answer within the cluster'],
  ])('answers %i since it %s, is written once', async (errorCode) => {
    await fail('update', { errorCode });
    expect(await write(rows, NEW)).toMatchObject({ created: 3, updated: 0, refused: [] });
    expect(await rows.countDocuments()).toBe(3);
  });

  it('closes the connection, is written once', async () => {
    await fail('update', { closeConnection: true });
    expect(await write(rows, NEW)).toMatchObject({ created: 3, refused: [] });
    expect(await rows.countDocuments()).toBe(3);
  });

  it.each([
    [64, 'the majority did not confirm in time'],
    [91, 'it is shutting down'],
  ])('has written and says %i, %s, is sent again, which changes nothing', async (code, errmsg) => {
    await fail('update', { writeConcernError: { code, errmsg } });
    const { created, unchanged, refused } = await write(rows, NEW);
    expect({ rows: created + unchanged, refused }).toEqual({ rows: 3, refused: [] });
    expect(await rows.countDocuments()).toBe(3);
  });

  it.each([371, 13])('refuses with %i, fails, and no row is rejected', async (errorCode) => {
    await fail('update', { errorCode });
    const code = errorCode === 13 ? 'MONGODB_AUTH_REFUSED' : 'MONGODB_FAILED';
    await expect(write(rows, NEW)).rejects.toMatchObject({ code });
    expect(await rows.countDocuments()).toBe(0);
  });

  it('can not read by majority yet, is written once that passes', async () => {
    await write(rows, [{ id: 'a', at: 9 }]);
    await fail('find', { errorCode: 134 });
    expect(await write(rows, NEW)).toMatchObject({ created: 2, stale: 1, refused: [] });
  });
});
