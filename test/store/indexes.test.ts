import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createDatabase } from '../../src/store/connection.js';
import {
  ensureAllIndexes,
  ensureCriticalIndexes,
  missingCriticalIndexes,
} from '../../src/store/indexes.js';
import { TABLES } from '../../src/tables/registry.js';
import { testDatabase } from '../support/database.js';

const { db, uri } = await testDatabase();
const database = createDatabase(uri, TABLES);
const models = await database.models();
afterAll(() => database.close());
const scope = { clock: systemClock };
const CRITICAL = [
  'settings.one_value_a_setting',
  'syncconfigs.one_config_a_table',
  'syncdeletelists.one_list_a_run',
  'syncdifferences.one_difference_a_document',
  'syncjobs.one_active_run_a_table',
  'syncrejects.one_reject_a_row',
];

const indexesOf = async (name: string) =>
  (await db.collection(name).indexes()).map((index) => index.name).sort();

beforeEach(async () => {
  await db.dropDatabase();
});

describe('the indexes that correctness depends on', () => {
  it('are missing at first, and named', async () => {
    expect((await missingCriticalIndexes(models, scope)).sort()).toEqual(CRITICAL);
  });

  it('are made, and made sure of as often as one likes, by several at a time', async () => {
    await Promise.all([1, 2, 3].map(() => ensureCriticalIndexes(models, scope)));
    await ensureCriticalIndexes(models, scope);
    expect(await missingCriticalIndexes(models, scope)).toEqual([]);
    expect(await indexesOf('syncjobs')).toEqual(['_id_', 'one_active_run_a_table']);
  });

  it('let one configuration a table be, and one active run', async () => {
    await ensureCriticalIndexes(models, scope);
    const configs = db.collection('syncconfigs');
    await configs.insertOne({ tableId: 't' });
    await expect(configs.insertOne({ tableId: 't' })).rejects.toMatchObject({ code: 11_000 });
    const jobs = db.collection('syncjobs');
    await jobs.insertMany([{ tableId: 't' }, { tableId: 't' }, { tableId: 't', active: true }]);
    await expect(jobs.insertOne({ tableId: 't', active: true })).rejects.toMatchObject({
      code: 11_000,
    });
  });

  it('can not be made over documents that break the rule: the run is refused, and told why', async () => {
    await db.collection('syncconfigs').insertMany([{ tableId: 'orders' }, { tableId: 'orders' }]);
    const refused = ensureCriticalIndexes(models, scope);
    await expect(refused).rejects.toMatchObject({
      code: 'MONGODB_INDEX_MISSING',
      details: [{ message: 'collection syncconfigs', reason: expect.stringContaining('E11000') }],
    });
  });

  it('are missing where another index has their name or keys, but not their rule', async () => {
    await db.collection('syncconfigs').createIndex({ tableId: 1 }, { name: 'one_config_a_table' });
    expect(await missingCriticalIndexes(models, scope)).toContain('syncconfigs.one_config_a_table');
    await expect(ensureCriticalIndexes(models, scope)).rejects.toMatchObject({
      code: 'MONGODB_INDEX_MISSING',
    });
  });
});

describe('all indexes', () => {
  it('are made once, the ones that let documents expire too', async () => {
    const tableIds = TABLES.map(({ tableId }) => tableId);
    const made = await ensureAllIndexes(models, tableIds, scope);
    expect(await ensureAllIndexes(models, tableIds, scope)).toEqual(made);
    expect(made).toEqual(expect.arrayContaining(CRITICAL));
    expect(await indexesOf('taskdetails')).toContain('hard_deletes_expire');
    const ttl = (await db.collection('synchistories').indexes()).find(
      ({ name }) => name === 'history_expires',
    );
    expect(ttl?.expireAfterSeconds).toBe(400 * 86_400);
  });

  it('of rejects: those that are open never expire', async () => {
    await ensureAllIndexes(models, [], scope);
    const expiring = (await db.collection('syncrejects').indexes()).filter(
      (index) => index.expireAfterSeconds !== undefined,
    );
    expect(expiring.map(({ key }) => key)).toEqual([{ resolvedAt: 1 }]);
  });
});
