import { Types } from 'mongoose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { type SyncConfig, syncConfigSchema } from '../../src/models/sync-config.js';
import { NO_RECORDS } from '../../src/models/sync-history.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { createDatabase } from '../../src/store/connection.js';
import { createStore } from '../../src/store/store.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const models = await database.models();
const { configs, audits, settings, history } = createStore(models, { clock: systemClock });
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

  it('refuses a status that is none of its enum, and keeps one that is', async () => {
    const created = await configs.create(COMPLETE);
    const job = { _id: new Types.ObjectId(), tableId: 'receipt', follows: null } as SyncJob;
    const record = (lastSyncStatus: string) =>
      configs.recordEnd(job, NOW, { lastSyncStatus } as Partial<SyncConfig>, {
        dropsLeftovers: false,
      });
    await expect(record('finished')).rejects.toThrow();
    expect(await stored()).toEqual({ ...COMPLETE, _id: created._id });
    await record('completed');
    expect(await stored()).toEqual({ ...COMPLETE, lastSyncStatus: 'completed', _id: created._id });
  });

  it('refuses a field that it does not have', async () => {
    await configs.create(COMPLETE);
    const change = { failureCuont: 1 } as Partial<SyncConfig>;
    await expect(
      configs.backOff({ ...COMPLETE, _id: new Types.ObjectId() }, change),
    ).rejects.toThrow();
  });

  it('keeps refusals by their codes', async () => {
    await configs.create(COMPLETE);
    await configs.noteRefusal('receipt', 'EARLIER_DATA', { lastTime: NOW, source: 'here' });
    expect(await stored()).toMatchObject({ refusals: { EARLIER_DATA: { count: 1 } } });
    await configs.endRefusals('receipt', ['EARLIER_DATA']);
    expect(await stored()).toMatchObject({ refusals: {} });
  });
});

describe('a change of the schema takes effect', () => {
  const changed = syncConfigSchema.clone();
  changed.path('maxWorkers').default(7);
  changed.path('sampleId').required(true);
  changed.path('sourceHash', { type: String, enum: ['ours'] });
  const store = createStore(
    { ...models, configs: models.configs.db.model<SyncConfig>('ChangedConfig', changed) },
    { clock: systemClock },
  );
  const { maxWorkers: _, ...others } = COMPLETE;
  const valid = { ...others, sampleId: 'a|1' } as SyncConfig;

  it.each([
    ['created', () => store.configs.create(valid)],
    ['created where it is missing', () => store.configs.createMissing([valid])],
  ])('of a default, for a configuration that is %s', async (_name, create) => {
    await create();
    expect(await stored()).toMatchObject({ maxWorkers: 7 });
  });

  it('of what is required, when a configuration is created', async () => {
    await expect(store.configs.create({ ...valid, sampleId: '' })).rejects.toThrow();
    await store.configs.create(valid);
    expect(await stored()).toMatchObject({ sampleId: 'a|1' });
  });

  it('of an enum, when a configuration is created and when it is updated', async () => {
    await expect(store.configs.create({ ...valid, sourceHash: 'theirs' })).rejects.toThrow();
    const created = await store.configs.create(valid);
    await expect(store.configs.changeSource(created, 'theirs')).rejects.toThrow();
    await store.configs.changeSource(created, 'ours');
    expect(await stored()).toMatchObject({ sourceHash: 'ours' });
  });
});

describe('the schema of an entry of the history', () => {
  const entry = {
    _id: new Types.ObjectId(),
    tableId: 'receipt',
    tableName: 'Receipt',
    syncJobId: 'job',
    status: 'in_progress',
    startTime: NOW,
    createdAt: NOW,
    updatedAt: NOW,
  } as const;
  const entries = () => db.collection('synchistories').find().toArray();

  it('gives a new one its defaults', async () => {
    await history.open(entry);
    expect(await entries()).toEqual([
      {
        ...entry,
        ...NO_RECORDS,
        options: {},
        tally: { change: expect.any(Types.ObjectId), due: 'receipt' },
      },
    ]);
  });

  it.each([
    ['lacks what is required', { tableName: '' }],
    ['has a count that is no number', { recordsProcessed: Number.NaN }],
  ])('refuses a new one that %s', async (_name, wrong) => {
    await expect(history.open({ ...entry, ...wrong })).rejects.toThrow();
    expect(await entries()).toEqual([]);
  });

  it('leaves an entry that is there as it is', async () => {
    await history.open(entry);
    await history.open({ ...entry, status: 'failed' });
    expect(await entries()).toMatchObject([{ status: 'in_progress' }]);
  });
});

it('an entry of the audit without its action is refused', async () => {
  const entry = { at: NOW, caller: 'me', address: null, requestId: '1', target: null };
  await expect(audits.record([{ ...entry, action: '' }])).rejects.toThrow();
  await audits.record([{ ...entry, action: 'config.create' }]);
  const found = await db.collection('syncaudits').find().toArray();
  expect(found).toEqual([{ ...entry, action: 'config.create', _id: expect.anything() }]);
});

it('settings are stored as they are given, each change as the next revision', async () => {
  await settings.change({ limit: '$key', other: { $gt: '' } });
  const changed = await settings.change({ limit: null });
  expect(changed).toEqual({ values: { limit: null, other: { $gt: '' } }, revision: 3 });
  expect(await settings.read(['limit'])).toEqual(changed);
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
