import { Types } from 'mongoose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { NO_RECORDS } from '../../src/models/sync-history.js';
import { createDatabase } from '../../src/store/connection.js';
import { createStore } from '../../src/store/store.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const { configs, audits, settings, history } = createStore(await database.models(), {
  clock: systemClock,
});
afterAll(() => database.close());

const NOW = new Date('2026-01-02T03:04:05Z');
const COMPLETE = {
  tableId: 'receipt',
  tableName: 'RECEIPT',
  description: '',
  enabled: true,
  syncFrequency: 15,
  initialSync: true,
  batchSize: 3000,
  maxRecords: 0,
  lookbackMinutes: 30,
  maxWorkers: 1,
  options: {},
  scopeHash: 'all',
  failureCount: 0,
  createdAt: NOW,
  updatedAt: NOW,
};
const stored = () => db.collection('syncconfigs').findOne({});

beforeEach(async () => {
  await db.dropDatabase();
});

describe('the schema of a configuration', () => {
  it('gives a created one its defaults, and adds nothing else', async () => {
    const { maxWorkers: _, ...others } = COMPLETE;
    await configs.create(others as typeof COMPLETE);
    expect(await stored()).toEqual({ ...COMPLETE, _id: expect.anything() });
  });

  it('leaves no column out of a created one', async () => {
    const options = { columns: { prototype: 'number' } } as const;
    const created = await configs.create({ ...COMPLETE, options });
    expect(created).toEqual({ ...COMPLETE, options, _id: expect.anything() });
    expect(await stored()).toEqual(created);
  });

  it('refuses one that lacks what is required', async () => {
    const { scopeHash: _, ...others } = COMPLETE;
    await expect(configs.create(others as typeof COMPLETE)).rejects.toThrow();
    await expect(configs.createMissing([{ ...COMPLETE, batchSize: 0 }])).rejects.toThrow();
    expect(await stored()).toBeNull();
  });

  it.each([
    ['a minimum', { batchSize: 0 }],
    ['what is required', { tableName: '' }],
  ])('refuses a change of settings that breaks %s', async (_, change) => {
    await configs.create(COMPLETE);
    await expect(configs.changeSettings('receipt', change)).rejects.toThrow();
    expect(await stored()).toMatchObject(COMPLETE);
  });

  it('refuses an update that breaks a minimum, and leaves the other times alone', async () => {
    const created = await configs.create(COMPLETE);
    await expect(configs.backOff(created, { failureCount: -1 })).rejects.toThrow();
    await configs.backOff(created, { failureCount: 1 });
    expect(await stored()).toEqual({ ...COMPLETE, failureCount: 1, _id: created._id });
  });

  it('keeps refusals by their codes', async () => {
    await configs.create(COMPLETE);
    await configs.noteRefusal('receipt', 'EARLIER_DATA', { lastTime: NOW, source: 'here' });
    expect(await stored()).toMatchObject({ refusals: { EARLIER_DATA: { count: 1 } } });
    await configs.endRefusals('receipt', ['EARLIER_DATA']);
    expect(await stored()).toMatchObject({ refusals: {} });
  });
});

it('an entry of the audit without its action is refused', async () => {
  const entry = { at: NOW, caller: 'me', address: null, requestId: '1', target: null };
  await expect(audits.record([{ ...entry, action: '' }])).rejects.toThrow();
  await audits.record([{ ...entry, action: 'config.create' }]);
  const found = await db.collection('syncaudits').find().toArray();
  expect(found).toEqual([{ ...entry, action: 'config.create', _id: expect.anything() }]);
});

it('a setting is stored as it is given', async () => {
  await settings.save({ key: 'limit', value: null, description: 'text' }, NOW);
  expect(await db.collection('settings').findOne({})).toEqual({
    _id: expect.anything(),
    key: 'limit',
    value: null,
    description: 'text',
    createdAt: NOW,
    updatedAt: NOW,
  });
});

// Mongoose leaves these names out of what it clones.
it.each(['constructor', 'prototype', 'toObject', 'length'])(
  'a free object may have a field %s',
  async (name) => {
    const free = { [name]: 'text', inner: { [name]: { deeper: null } } };
    const run = { tableId: 'receipt', tableName: 'Receipt', syncJobId: '1' };
    const entry = { ...run, status: 'completed' as const, startTime: NOW, options: free };
    await history.open({ ...entry, _id: new Types.ObjectId() });
    const who = { at: NOW, caller: 'me', address: null, requestId: '1', target: null };
    await audits.record([{ ...who, action: 'history.create', after: free }]);
    expect((await db.collection('synchistories').findOne({}))?.options).toEqual(free);
    expect((await db.collection('syncaudits').findOne({}))?.after).toEqual(free);
  },
);

it('an entry of the history gets its defaults, and one that lacks what is required is refused', async () => {
  const entry = { tableId: 'receipt', tableName: 'Receipt', syncJobId: '1', startTime: NOW };
  const _id = new Types.ObjectId();
  await expect(history.open({ ...entry, _id })).rejects.toThrow();
  await history.open({ ...entry, _id, status: 'pending' });
  await history.open({ ...entry, _id, status: 'failed' });
  expect(await db.collection('synchistories').find().toArray()).toEqual([
    {
      ...entry,
      ...NO_RECORDS,
      _id,
      status: 'pending',
      options: {},
      tally: { change: expect.any(Types.ObjectId), due: 'receipt' },
    },
  ]);
});
