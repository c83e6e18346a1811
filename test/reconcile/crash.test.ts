import { beforeEach, describe, expect, it } from 'vitest';
import type { SyncJob } from '../../src/models/sync-job.js';
import { createStore } from '../../src/store/store.js';
import { advance } from '../../src/sync/advance.js';
import { dyingAfter } from '../support/dying-models.js';
import { strideOf } from '../support/tier.js';
import { HOUR_MS, RECEIPTS, startReconciling } from './reconciling.js';

const { lake, app, context, documents, differences, lists, db, ...stage } =
  await startReconciling();
const { receipts, run, reconcile, certificateOf, wait, absentOnce, live } = stage;
const jobs = db.collection<SyncJob>('syncjobs');

beforeEach(stage.reset, 60_000);

/** A reconcile whose process dies after so many calls of MongoDB, and another that ends it. */
async function reconcileThroughDeath(calls: number, confirms?: string) {
  const { models, died } = dyingAfter(await app().models(), calls);
  const doomed = { ...context, store: createStore(models, context) };
  const before = new Set((await jobs.find().toArray()).map(({ _id }) => String(_id)));
  const request = { mode: 'reconcile', repair: true, ...(confirms && { confirms }) } as const;
  await run(request, doomed).catch((error) => expect(died(), String(error)).toBe(true));
  const job = (await jobs.find().toArray()).find(({ _id }) => !before.has(String(_id)));
  const phase = job?.active ? job.phase : 'none';
  if (!job) return { phase, died: died(), certificate: await reconcile(request) };
  await expect
    .poll(async () => (await advance(context, job._id, Date.now() + 20_000)).state, {
      interval: 50,
    })
    .toBe('done');
  const ended = await jobs.findOne({ _id: job._id });
  if (!ended) throw new Error('the job is gone');
  if (ended.status !== 'completed')
    return { phase, died: died(), certificate: await reconcile(request) };
  return { phase, died: died(), certificate: await certificateOf(ended) };
}

describe('a process that dies between any two calls of MongoDB', () => {
  it('leaves a reconcile that others end as if nothing had been', {
    timeout: 400_000,
  }, async () => {
    await lake.insert(RECEIPTS, receipts(200));
    await run({});
    const phases = new Set<string>();
    let gone = 0;
    let died = true;
    // What comes before is the same in every run.
    for (let calls = 26; died; calls += strideOf(11)) {
      lake.advance(HOUR_MS);
      await lake.insert(RECEIPTS, receipts(2));
      await run({});
      gone += 1;
      await lake.delete(RECEIPTS, { SERIALKEY: gone });
      await absentOnce();
      await documents.deleteOne({ SERIALKEY: 100 });
      await documents.updateOne({ SERIALKEY: 101 }, { $set: { '_lake.modifiedAt': new Date(1) } });
      await lists.deleteMany({});
      const about = `after ${calls} calls`;
      const result = await reconcileThroughDeath(calls);
      died = result.died;
      phases.add(result.phase);
      expect(result.certificate, about).toMatchObject({ remaining: 0, verdict: 'repaired' });
      expect(result.certificate.repaired, about).toBe(3);
      expect(await differences.countDocuments({ open: true }), about).toBe(0);
      expect(await live(), about).toBe((await lake.rows(RECEIPTS)).length);
      expect(await jobs.countDocuments({ active: true })).toBe(0);
    }
    expect([...phases]).toEqual(expect.arrayContaining(['confirming', 'certifying']));
  });

  it('in the middle of the deletes leaves a list that is carried out as it was', {
    timeout: 400_000,
  }, async () => {
    let died = true;
    for (let calls = 40; died; calls += strideOf(19)) {
      await stage.reset();
      await lake.delete(RECEIPTS, 'SERIALKEY <= 12');
      await absentOnce();
      await reconcile();
      const hash = (await lists.findOne({ state: 'held' }))?.hash;
      await wait();
      const result = await reconcileThroughDeath(calls, hash);
      died = result.died;
      expect(result.certificate, `after ${calls} calls`).toMatchObject({ repaired: 12, held: 0 });
      expect(await live()).toBe(8);
      expect(await lists.countDocuments({ state: 'held' })).toBe(0);
      expect(await lists.findOne({ state: 'applied' })).toMatchObject({ deletes: 12, deleted: 12 });
    }
  });
});
