import { beforeEach, describe, expect, it } from 'vitest';
import { native } from '../../src/store/driver/native.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import { startBackend } from '../support/backend.js';
import { FATAL, refuseWrites, TRANSIENT, type WriteRefusal } from '../support/refused-writes.js';

const TASKS = 'CSWMS_wmwhse_TASKDETAIL';
const ROWS = 30;
const { app, lake, call, sync, config, db, expectEqual } = await startBackend(
  { rows: 0 },
  {},
  { quotaMinuteMs: 1 },
);
await call('init-sync-config', { body: {} });
await lake.insert(
  TASKS,
  Array.from({ length: ROWS }, (_, i) => ({
    SERIALKEY: i + 1,
    WHSEID: 'wmwhse1',
    TASKDETAILKEY: `K${i + 1}`,
  })),
);

async function runWith(refusal: WriteRefusal) {
  const context = await app().sync();
  const { _id } = await startJob(context, { tableId: 'taskdetail', mode: 'full' }, 'api');
  const refusing = refuseWrites(native((await app().models()).rows('taskdetail')), refusal);
  try {
    return (await advance(context, _id, Date.now() + 25_000)).job;
  } finally {
    refusing.end();
  }
}

const rejects = () => db.collection('syncrejects').countDocuments();
let round = 0;
beforeEach(async () => {
  lake.advance(7_200_000);
  await lake.edit(TASKS, 'SERIALKEY > 0', { QTY: String(++round) });
});

describe('a failure of single writes that is about the database', () => {
  it.each(FATAL)(
    'fails the run, code %i (%s): no reject, no watermark',
    async (code, errmsg, expected) => {
      const before = (await config('taskdetail')).watermark;
      const job = await runWith({ code, errmsg, times: 1_000 });
      expect(job).toMatchObject({ status: 'failed', errorCode: expected });
      expect(job.errorDetails?.[0]?.message ?? errmsg).toContain(errmsg.slice(0, 20));
      expect(await rejects()).toBe(0);
      expect((await config('taskdetail')).watermark).toEqual(before);
      await sync('taskdetail');
      await expectEqual('taskdetail');
    },
  );
});

describe('a failure of single writes that is transient', () => {
  it.each(TRANSIENT)('is waited out, code %i (%s)', async (code, errmsg) => {
    const job = await runWith({ code, errmsg, times: 2 });
    expect(job).toMatchObject({ status: 'completed', outcome: 'complete' });
    expect(job.stats.replayedRecords).toBeGreaterThan(0);
    expect(await rejects()).toBe(0);
    await expectEqual('taskdetail');
  });
});

describe('a failure of single writes that is about the rows', () => {
  it('makes rejects of these rows, and all others arrive', async () => {
    const job = await runWith({ code: 121, errmsg: 'Document failed validation', times: 1 });
    expect(job).toMatchObject({ status: 'completed', outcome: 'with_rejects' });
    expect(await rejects()).toBe(ROWS / 3);
    await sync('taskdetail', { mode: 'full' });
    await expectEqual('taskdetail');
    expect(await db.collection('syncrejects').countDocuments({ open: true })).toBe(0);
  });
});
