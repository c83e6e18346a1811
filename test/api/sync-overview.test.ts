import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import type { Overview } from '../../src/contract/endpoints/sync-overview.js';
import { TABLES } from '../../src/tables/registry.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const READ_TOKEN = 'a-read-token-that-is-no-secret';
const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const backend = await startBackend(
  { rows: 60, now: new Date().toISOString(), clockRuns: true },
  { API_READ_TOKEN: READ_TOKEN },
  { emptyPagePauseMs: 5 },
);
const { app, call, configure, db, lake, sync } = backend;

async function look(): Promise<Overview> {
  const { status, body } = await call('sync-overview');
  expect(status, JSON.stringify(body)).toBe(200);
  // `call` has held it to this very contract.
  return body as unknown as Overview;
}
const of = ({ tables }: Overview, id: string) => tables.find(({ tableId }) => tableId === id);
const table = async (id: string) => of(await look(), id);
const kinds = ({ tables }: Overview) =>
  tables.map(({ tableId, verdict }) => [tableId, verdict.kind]);

describe('sync-overview', () => {
  it('is for whoever may read, and for nobody else', async () => {
    expect((await call('sync-overview', { token: 'wrong' })).status).toBe(401);
    const { status, body } = await call('sync-overview', { token: READ_TOKEN });
    expect(status).toBe(200);
    expect(body).toMatchObject({ environment: 'local', caller: { may: 'read' } });
    expect((await call('sync-overview', { body: {} })).status).toBe(405);
  });

  it('lists known tables without a configuration', async () => {
    const overview = await look();
    expect(kinds(overview)).toEqual(TABLES.map(({ tableId }) => [tableId, 'not_configured']));
    expect(overview.summary).toMatchObject({
      ...{ tables: 5, running: 0, equalAsOf: null, provenAsOf: null },
      verdicts: { not_configured: 5, equal: 0 },
    });
  });

  it('shows a table from its first run to its certificate', async () => {
    await call('init-sync-config', { body: {} });
    expect(await table('receipt')).toMatchObject({
      ...{ verdict: { kind: 'never_run' }, runs: [], certificate: null, running: null },
      ...{ freshness: { watermark: null, sourceNewest: null, provenAsOf: null } },
      nextRunAt: expect.any(String),
    });
    const { jobId, historyId, stats } = await sync('receipt');
    const proven = await table('receipt');
    expect(proven).toMatchObject({
      verdict: { kind: 'proven', asOf: proven?.runs[0]?.startTime, how: 'result' },
      runs: [{ jobId, historyId, outcome: 'complete', mode: 'full', rows: stats.processedRecords }],
    });
    expect(proven?.runs[0]?.reconcile).toBe(false);
    expect(proven?.freshness.watermark).toBe(proven?.freshness.sourceNewest);

    const reconcile = await sync('receipt', { mode: 'reconcile' });
    const overview = await look();
    const asOf = of(overview, 'receipt')?.certificate?.asOf;
    expect(of(overview, 'receipt')).toMatchObject({
      verdict: { kind: 'equal', asOf, jobId: reconcile.jobId },
      runs: [{ reconcile: true }, { reconcile: false }],
    });
    expect(overview.summary).toMatchObject({
      verdicts: { equal: 1, never_run: 4 },
      equalAsOf: asOf,
    });
  });

  it('shows the active run beside whatever the verdict is', async () => {
    await configure('taskdetail', { batchSize: 10 });
    const job = await leaveInTheMiddle(app(), lake, { tableId: 'taskdetail' });
    const task = await table('taskdetail');
    expect(task).toMatchObject({
      verdict: { kind: 'never_run' },
      running: { jobId: String(job._id), phase: 'reading', rowsTotal: 60, reconcile: false },
      runs: [{ status: 'in_progress', outcome: null, endTime: null, durationMs: null }],
      // The run has counted the rows, and so seen the newest one.
      freshness: { watermark: null, sourceNewest: job.range.ceiling?.toISOString() },
    });
    expect(task?.running?.rowsRead).toBeGreaterThan(0);
    expect((await look()).summary.running).toBe(1);
    await call('sync-control', { body: { action: 'cancel', jobId: String(job._id) } });
  });

  it('shows rejects, a failure, a pause and deletes that wait', async () => {
    await lake.insert(TASKS, [{ SERIALKEY: 9_001, WHSEID: 'wmwhse1', STATUS: '0' }]);
    await sync('taskdetail');
    expect(await table('taskdetail')).toMatchObject({
      ...{ openRejects: 1, verdict: { kind: 'proven' } },
      runs: [{ outcome: 'with_rejects', rejected: 1 }, { outcome: 'canceled' }],
    });

    lake.fault({ kind: 'failed', every: 1 });
    const { body } = await call('sync-table', { body: { tableId: 'orders' } });
    lake.clearFaults();
    expect(await table('orders')).toMatchObject({
      verdict: { kind: 'failing', what: 'run', failures: 1, errorCode: body.code },
    });
    await call('sync-control', { body: { action: 'pause', tableId: 'orders' } });
    expect(await table('orders')).toMatchObject({
      ...{ verdict: { kind: 'paused', by: 'request' }, nextRunAt: null },
      pausedReason: 'paused by request',
    });

    const list = {
      ...{ tableId: 'receipt', hash: 'abcdef0123456789', jobId: new mongo.ObjectId() },
      ...{ deletes: 7, documents: 20, reasons: ['share'], state: 'held', createdAt: new Date() },
    };
    await db.collection('syncdeletelists').insertOne(list);
    const overview = await look();
    expect(of(overview, 'receipt')).toMatchObject({
      verdict: { kind: 'held', deletes: 7 },
      heldDeletes: { hash: list.hash, deletes: 7, confirmableUntil: expect.any(String) },
    });
    expect(overview.summary).toMatchObject({ heldDeletes: 7, openRejects: 1 });
  });

  it('survives what other versions and other hands have stored', async () => {
    await db.collection('syncconfigs').insertMany([
      { tableId: 'lostandfound', enabled: true, syncFrequency: '5', watermark: 'yesterday' },
      { tableId: 4711, enabled: true },
    ]);
    const entry = { tableId: 'lostandfound', tableName: 'Lost', status: 'completed' };
    await db.collection('synchistories').insertMany([
      { ...entry, startTime: '2026-01-01T00:00:00Z', duration: 5, recordsProcessed: '12', __v: 0 },
      { ...entry, startTime: new Date(), outcome: 'odd', mode: 7, syncJobId: 'none', proof: 'yes' },
      { tableId: 'lostandfound', status: 'odd', options: { whseid: { $odd: 1 } } },
    ]);
    const lost = await table('lostandfound');
    expect(lost).toMatchObject({
      ...{ known: false, tableName: 'lostandfound', syncFrequency: 5 },
      verdict: { kind: 'behind', reason: 'never_complete' },
    });
    expect(lost?.runs).toContainEqual(
      expect.objectContaining({ rows: 12, durationMs: 5_000, outcome: null, mode: null }),
    );
    expect((await look()).tables).toHaveLength(6);
  });

  it('shows the last 30 runs of a table, the latest first', async () => {
    const entries = Array.from({ length: 40 }, (_, index) => ({
      ...{ tableId: 'orderdetail', tableName: 'Order Detail', status: 'completed', options: {} },
      ...{ recordsUnchanged: 0, recordsProcessed: index },
      startTime: new Date(Date.now() - index * 60_000),
    }));
    await db.collection('synchistories').insertMany(entries);
    const detail = await table('orderdetail');
    expect(detail?.runs.map(({ rows }) => rows)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });
});
