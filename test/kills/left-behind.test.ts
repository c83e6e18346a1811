import { describe, expect, it } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';

const { call, db, app, expectEqual } = await startBackend({ rows: 40 });
await call('init-sync-config', { body: {} });

describe('a run whose last page is saved, and whose worker died before it took the run on', () => {
  it('is brought to its end by whoever comes next', async () => {
    const context = await app().sync();
    const { _id } = await startJob(context, { tableId: 'taskdetail' }, 'api');
    await advance(context, _id, Date.now() + 20_000);
    const asLeft = { phase: 'reading', status: 'in_progress', active: true };
    const jobs = db.collection('syncjobs');
    await jobs.updateOne({ _id }, { $set: asLeft, $unset: { outcome: '', 'stats.endTime': '' } });
    expect(await advance(context, _id, Date.now() + 20_000)).toMatchObject({ state: 'done' });
    expect(await jobs.findOne({ _id })).toMatchObject({ status: 'completed', phase: 'ended' });
    await expectEqual('taskdetail');
  });
});
