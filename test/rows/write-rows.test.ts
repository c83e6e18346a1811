import { beforeEach, describe, expect, it } from 'vitest';
import type { RowDocument } from '../../src/models/row.js';
import { guardedWrite } from '../../src/rows/guarded-write.js';
import { createWriteRows, type Expected } from '../../src/rows/write-rows.js';
import { testDatabase } from '../support/database.js';
import { decoded, RULES, rowStore, type Version, write } from './rows.js';

const { db } = await testDatabase();
const rows = db.collection<RowDocument>('rows');

/** What is sent to MongoDB: the kinds of operations of each bulk write. */
const sent: string[][] = [];
const watched = new Proxy(rows, {
  get(target, name) {
    const value = Reflect.get(target, name);
    if (name !== 'bulkWrite') return typeof value === 'function' ? value.bind(target) : value;
    return (...[operations, options]: Parameters<typeof rows.bulkWrite>) => {
      sent.push(operations.flatMap((operation) => Object.keys(operation)));
      return rows.bulkWrite(operations, options);
    };
  },
});

const writer = (expected: Expected) => {
  const send = createWriteRows(rowStore(watched), expected);
  return (versions: readonly Version[]) =>
    send(versions.map((version) => guardedWrite(decoded(version), RULES)));
};

/** What is there before a batch of the fifth minute comes. */
const STORED: readonly Version[] = [
  { id: 'same', at: 5 },
  { id: 'old', at: 1 },
  { id: 'newer', at: 9 },
];
const batchOf = (...ids: string[]) => ids.map((id) => ({ id, at: 5 }));

beforeEach(async () => {
  sent.length = 0;
  await rows.drop().catch(() => undefined);
});

describe('rows that are thought to be unchanged', () => {
  it('are refused where they have become too large for a document', async () => {
    await write(rows, STORED);
    const values = { NOTES: 'x'.repeat(18_000_000) };
    const result = await writer('unchanged')([{ id: 'same', at: 6, values }]);
    expect(result).toMatchObject({ updated: 0, refused: [{ row: { id: 'same' } }] });
  });

  it('are not sent where each byte is stored already', async () => {
    const versions = ['a', 'ключ', ''].map((id) => ({ id, at: 1 }));
    await write(rows, versions);
    expect(await writer('unchanged')(versions)).toMatchObject({ unchanged: 3, updated: 0 });
    expect(sent).toEqual([]);
  });

  it.each<[string, Partial<RowDocument>]>([
    ['a value', { QTY: 2 }],
    ['the type of a value', { QTY: '1' }],
    ['a column more', { EXTRA: null }],
    ['a version', { _lake: { modifiedAt: new Date(0) } }],
  ])('are sent where what is stored differs by %s', async (_what, change) => {
    await write(rows, [{ id: 'a', at: 1 }]);
    await rows.updateOne({ _id: 'a' }, { $set: change });
    expect(await writer('unchanged')([{ id: 'a', at: 1 }])).toMatchObject({ updated: 1 });
    expect(await rows.findOne({ _id: 'a' })).toEqual(decoded({ id: 'a', at: 1 }).document);
  });

  it('are each counted as what they are', async () => {
    await write(rows, STORED);
    const result = await writer('unchanged')(batchOf('same', 'old', 'newer', 'new'));
    expect(result).toMatchObject({ unchanged: 1, updated: 1, stale: 1, created: 1 });
  });
});

describe('rows that are thought to be new', () => {
  it('are inserted, and each counted as what it is', async () => {
    await write(rows, STORED);
    const result = await writer('new')(batchOf('new', 'same', 'old', 'newer'));
    expect(result).toMatchObject({ created: 1, unchanged: 1, updated: 1, stale: 1 });
    expect(sent).toEqual([Array(4).fill('insertOne'), Array(3).fill('replaceOne'), ['replaceOne']]);
    expect(await rows.findOne({ _id: 'newer' })).toMatchObject({ QTY: 9 });
  });
});

it('takes the next batch for what most of the one before turned out to be', async () => {
  const three = ['a', 'b', 'c'].map((id) => ({ id, at: 1 }));
  const send = writer('changed');
  await send(three);
  await send(three);
  await send(three);
  await send(three.map(({ id }) => ({ id, at: 2 })));
  await send(three.map(({ id }) => ({ id, at: 3 })));
  const kinds = (kind: string) => Array(3).fill(kind);
  expect(sent).toEqual([
    kinds('replaceOne'),
    // Taken for new ones, since the first three were; they are unchanged.
    kinds('insertOne'),
    kinds('replaceOne'),
    // The third time nothing was sent. Then they have changed, and change again.
    kinds('replaceOne'),
    kinds('replaceOne'),
  ]);
});
