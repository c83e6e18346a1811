import { Types } from 'mongoose';
import { beforeEach, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

// Each answer is also held to the contract, by `call`.
const { call, db } = await startBackend({ rows: 10 });
const NOW = new Date('2026-01-02T03:04:05.000Z');
const STORED = { tableId: 'orders', tableName: 'Orders', createdAt: NOW, updatedAt: NOW };
const ENTRY = {
  ...{ ...STORED, syncJobId: 'a'.repeat(24), status: 'completed', startTime: NOW, options: {} },
  ...{ recordsProcessed: 1, recordsInserted: 1, recordsUpdated: 0, recordsError: 0 },
};
const JOB = { ...STORED, jobType: 'orders', status: 'completed', options: {} };
const CONFIG = { ...STORED, enabled: true, syncFrequency: 60, options: {} };

async function store(collection: string, document: object): Promise<string> {
  const _id = new Types.ObjectId();
  await db.collection(collection).insertOne({ _id, ...document });
  return String(_id);
}

beforeEach(async () => {
  for (const name of ['synchistories', 'syncjobs', 'syncconfigs', 'syncruntotals']) {
    await db.collection(name).deleteMany({});
  }
  await store('syncconfigs', CONFIG);
});

it.each([
  { endTime: null },
  { endTime: 'never' },
  { endTime: '' },
  { createdAt: null, updatedAt: 'x' },
  { error: null, errorCode: null, errorDetails: null },
  { duration: null, durationMs: null },
  { recordsDeleted: null, recordsUnchanged: null },
  { outcome: null, mode: null, proof: null, refusal: null, __v: null },
])('A history entry of an earlier version may have %j', async (fields) => {
  const historyId = await store('synchistories', { ...ENTRY, ...fields });
  const { body } = await call('sync-status', { query: { historyId } });
  expect(body.history).toMatchObject({ _id: historyId, tableId: 'orders' });
  for (const name of Object.keys(fields)) expect(body.history).not.toHaveProperty(name);
  expect((await call('sync-history')).status).toBe(200);
  expect((await call('sync-stats')).body.tables).toMatchObject([
    { lastSync: { historyId, date: NOW.toISOString() } },
  ]);
});

it.each([
  { outcome: null, mode: null, warnings: null, tableName: null, historyId: null },
  { error: null, errorCode: null },
  { stats: { startTime: NOW, endTime: null, duration: null, totalRecords: null } },
])('A job of an earlier version may have %j', async (fields) => {
  const jobId = await store('syncjobs', { ...JOB, stats: { startTime: NOW }, ...fields });
  const { body } = await call('sync-status', { query: { jobId } });
  expect(body.job).toMatchObject({ jobId, status: 'completed', stats: { totalRecords: 0 } });
});

it.each([
  { lastSyncDate: 'never' },
  { lastSyncDate: '' },
  { description: null, batchSize: null, maxRecords: null, initialSync: null },
  { failureCount: null, pausedReason: null, revision: null },
])('A configuration of an earlier version may have %j', async (fields) => {
  await db.collection('syncconfigs').updateOne({ tableId: 'orders' }, { $set: fields });
  const { body } = await call('sync-config', { query: { tableId: 'orders' } });
  expect(body).toMatchObject({ tableId: 'orders', lastSyncDate: null, revision: 1 });
  expect((await call('sync-stats')).body.tables).toMatchObject([{ lastSyncDate: null }]);
});
