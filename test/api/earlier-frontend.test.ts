import { describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.js';

/**
 * What a frontend does that was written for an earlier version of this API: it knows the
 * fields of that version only, and has to find them.
 */
const { lake, call, db } = await startBackend({ rows: 300 });

type Fields = Record<string, unknown>;
const ok = async (name: string, options: Parameters<typeof call>[1] = {}, status = 200) => {
  const reply = await call(name, options);
  expect({ status: reply.status, body: reply.body }).toMatchObject({ status });
  return reply.body as unknown as Fields;
};

const JOB_STATS = [
  'totalRecords',
  'processedRecords',
  'insertedRecords',
  'updatedRecords',
  'errorRecords',
  'startTime',
  'endTime',
  'duration',
];
const HISTORY = [
  '_id',
  'tableId',
  'tableName',
  'syncJobId',
  'status',
  'startTime',
  'endTime',
  'duration',
  'recordsProcessed',
  'recordsInserted',
  'recordsUpdated',
  'recordsError',
  'options',
];

/** As its page does: asks until the job has ended. */
async function untilEnded(jobId: string): Promise<Fields> {
  for (let polls = 0; polls < 100; polls++) {
    const { job, history } = (await ok('sync-status', { query: { jobId } })) as {
      job: Fields;
      history: Fields;
    };
    expect(['pending', 'in_progress', 'completed', 'failed']).toContain(job.status);
    if (job.status === 'completed' || job.status === 'failed') return { job, history };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the job did not end');
}

describe('an earlier frontend', () => {
  it('creates the default configurations, and is told when they exist', async () => {
    const created = await ok('init-sync-config', { method: 'POST', body: {} });
    expect(created).toMatchObject({ message: expect.any(String), count: 5 });
    expect((created.configs as Fields[]).map(({ tableId }) => tableId).sort()).toEqual([
      'orderdetail',
      'orders',
      'receipt',
      'receiptdetail',
      'taskdetail',
    ]);
    const again = await ok('init-sync-config', { method: 'POST', body: { force: false } });
    expect(again).toMatchObject({ message: expect.any(String), existingCount: 5 });
  });

  it.each(['taskdetail', 'receipt'])(
    'gets the configuration of %s, edits one field and sends all of it back',
    async (tableId) => {
      const config = await ok('sync-config', { query: { tableId } });
      const edited = { ...config, syncFrequency: 45 };
      expect(await ok('sync-config', { method: 'PUT', body: edited })).toEqual({
        ...edited,
        revision: 2,
        updatedAt: expect.any(String),
      });
    },
  );

  it('starts a job and waits for its end', async () => {
    lake.configure({ queryMs: 300 });
    const started = call('sync-table', { body: { tableId: 'taskdetail', force: true } });
    const jobs = db.collection('syncjobs');
    await expect.poll(() => jobs.countDocuments({ tableId: 'taskdetail' })).toBe(1);
    const running = await jobs.findOne({ tableId: 'taskdetail' });
    const { job, history } = (await untilEnded(String(running?._id))) as Record<string, Fields>;
    lake.configure({ queryMs: 0 });

    const { status, body } = await started;
    expect(status).toBe(200);
    expect(body).toMatchObject({
      message: expect.any(String),
      jobId: String(running?._id),
      historyId: String(history?._id),
    });
    expect(job).toMatchObject({ jobType: expect.any(String), status: 'completed', options: {} });
    for (const field of JOB_STATS) {
      expect(job?.stats).toHaveProperty(field);
      expect(body.stats).toHaveProperty(field);
    }
    for (const field of HISTORY) expect(history).toHaveProperty(field);
    expect(history).toMatchObject({
      status: 'completed',
      syncJobId: String(running?._id),
      recordsProcessed: body.stats.processedRecords,
      recordsInserted: body.stats.insertedRecords,
    });
  });

  it('finds the same run by its history id', async () => {
    const [entry] = (await ok('sync-history', { query: { tableId: 'taskdetail' } }))
      .history as Fields[];
    const { job, history } = await ok('sync-status', { query: { historyId: String(entry?._id) } });
    expect(history).toEqual(entry);
    expect(job).toMatchObject({ _id: entry?.syncJobId });
  });

  it('sees a failed run as failed, with its error', async () => {
    lake.fault({ kind: 'failed', every: 1, word: 'the object is not there' });
    const reply = await call('sync-table', { body: { tableId: 'orders' } });
    lake.clearFaults();
    const { job, history } = (await untilEnded(reply.body.jobId)) as Record<string, Fields>;
    for (const record of [job, history]) {
      expect(record).toMatchObject({ status: 'failed', error: expect.any(String) });
    }
    expect(await ok('sync-stats', { query: { tableId: 'orders' } })).toMatchObject({
      syncHistory: { total: 1, successful: 0, failed: 1 },
    });
  });

  it('corrects a history entry by sending all of it back', async () => {
    const [entry] = (await ok('sync-history', { query: { tableId: 'orders' } }))
      .history as Fields[];
    const body = { ...entry, status: 'completed', error: null };
    const corrected = await ok('update-sync-history', {
      method: 'PUT',
      query: { id: String(entry?._id) },
      body,
    });
    expect(corrected).toMatchObject({ _id: entry?._id, status: 'completed' });
    expect(corrected).not.toHaveProperty('error');
  });

  it('shows the statistics of all tables', async () => {
    const { tables, summary } = await ok('sync-stats');
    expect(summary).toBeTypeOf('object');
    for (const table of tables as Fields[]) {
      expect(table).toMatchObject({
        tableId: expect.any(String),
        tableName: expect.any(String),
        enabled: true,
        syncFrequency: expect.any(Number),
        syncHistory: { total: expect.any(Number) },
        records: expect.any(Object),
        performance: expect.any(Object),
      });
      expect(table).toHaveProperty('lastSync');
    }
  });

  it('deletes a configuration and creates it anew', async () => {
    await ok('sync-config', { method: 'DELETE', query: { tableId: 'orders' } });
    await ok('sync-config', { query: { tableId: 'orders' } }, 404);
    const config = { tableId: 'orders', tableName: 'Orders', syncFrequency: 60, enabled: true };
    await ok('sync-config', { method: 'POST', body: config }, 201);
    await ok('sync-config', { method: 'POST', body: config }, 409);
  });
});
