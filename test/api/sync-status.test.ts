import { describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startBackend } from '../support/backend.js';
import { leaveInTheMiddle } from '../support/left-run.js';

const { lake, app, call, sync, db } = await startBackend({ rows: 50 });
await call('init-sync-config', { body: {} });
const status = (query: Record<string, string>) => call('sync-status', { query });
const UNKNOWN = '0123456789abcdef01234567';

describe('sync-status', () => {
  it('shows an ended run by its job, and by its history entry', async () => {
    const { jobId, historyId, stats } = await sync('orders');
    const byJob = await status({ jobId });
    expect(byJob.status).toBe(200);
    expect(byJob.body).toMatchObject({
      job: { _id: jobId, jobId, historyId, status: 'completed', outcome: 'complete', stats },
      history: { _id: historyId, syncJobId: jobId, status: 'completed' },
    });
    expect((await status({ historyId })).body).toEqual({
      ...byJob.body,
      job: { ...byJob.body.job, progress: expect.anything() },
    });
  });

  it('takes an empty id beside the other one for none', async () => {
    const { jobId, historyId } = await sync('orders');
    expect((await status({ jobId, historyId: '' })).body.job._id).toBe(jobId);
    expect((await status({ jobId: '', historyId, _t: '1' })).body.job._id).toBe(jobId);
  });

  it('shows a run under way, with the counts of its pages so far, and lists it', async () => {
    const job = await leaveInTheMiddle(app(), lake, {
      tableId: 'taskdetail',
      mode: 'full',
      batchSize: 5,
    });
    const { body } = await status({ jobId: String(job._id) });
    expect(body.job).toMatchObject({
      status: 'in_progress',
      active: true,
      stats: { errorRecords: 0 },
    });
    expect(body.job.stats.processedRecords).toBeLessThan(body.job.stats.totalRecords);
    expect(body.history).toMatchObject({ status: 'in_progress' });
    const { body: list } = await status({});
    expect(list.jobs).toMatchObject([{ jobId: String(job._id), tableId: 'taskdetail' }]);
    await advance(await app().sync(), job._id, Date.now() + 20_000);
    expect((await status({})).body.jobs).toEqual([]);
  });

  it('shows who works on a run to nobody', async () => {
    const { jobId } = await sync('orders');
    const { body } = await status({ jobId });
    expect(JSON.stringify(body)).not.toMatch(/"(lease|owner|fence|workers)"/);
  });

  it('shows what is left where the job has been removed', async () => {
    const { jobId, historyId } = await sync('receipt');
    await db.collection('syncjobs').deleteOne({ tableId: 'receipt' });
    const { status: code, body } = await status({ historyId });
    expect({ code, job: body.job, entry: body.history.syncJobId }).toEqual({
      code: 200,
      job: null,
      entry: jobId,
    });
  });

  it.each([
    [{ jobId: UNKNOWN }, 'JOB_NOT_FOUND'],
    [{ historyId: UNKNOWN }, 'HISTORY_NOT_FOUND'],
    [{ jobId: UNKNOWN.toUpperCase() }, 'JOB_NOT_FOUND'],
  ])('finds nothing for %j', async (query, code) => {
    const reply = await status(query as Record<string, string>);
    expect({ status: reply.status, code: reply.body.code }).toEqual({ status: 404, code });
  });

  it.each([
    [{ jobId: '' }, 'jobId'],
    [{ jobId: 'nope' }, 'jobId'],
    [{ jobId: `${UNKNOWN}0` }, 'jobId'],
    [{ jobId: `${UNKNOWN.slice(1)}g` }, 'jobId'],
    [{ jobId: '123456789012' }, 'jobId'],
    [{ jobId: '{"$gt": ""}' }, 'jobId'],
    [{ historyId: '[object Object]' }, 'historyId'],
    [{ jobId: UNKNOWN, historyId: UNKNOWN }, 'historyId'],
  ])('refuses %j by the name of the field', async (query, field) => {
    const reply = await status(query as Record<string, string>);
    expect({ status: reply.status, field: reply.body.details[0]?.field }).toEqual({
      status: 400,
      field,
    });
  });
});
