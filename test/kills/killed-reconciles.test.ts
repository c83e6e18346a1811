import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/models/reconcile.js';
import type { RowDocument } from '../../src/models/row.js';
import { taskdetail } from '../../src/tables/taskdetail.js';
import { FEWER_KILLS, prepareKills, timeout } from './kills.js';

const TASKS = taskdetail.object;
const LOOKBACK_MS = 30 * 60_000;
/** Of a run: its parts are short, so that fewer would leave some of them alone. */
const KILLS_A_RUN = 4;

const { lake, trial, killWorkersOf } = await prepareKills();
const documents = trial.db.collection<RowDocument>(taskdetail.collection);
const certificates = trial.db.collection<Certificate>('synccertificates');
const differences = trial.db.collection('syncdifferences');
const lists = trial.db.collection('syncdeletelists');

/** A run that nobody disturbs. */
async function leftAlone(kind: 'full' | 'reconcile') {
  const jobId = await trial.start(kind);
  await trial.untilEnded(jobId);
  return certificates.findOne({ _id: jobId });
}

/** Rows are gone from the lake without a word, and were found to be for long enough. */
async function vanish(where: string) {
  await lake.hide(TASKS, where);
  await leftAlone('reconcile');
  for (const { _id, absentSince } of await differences.find({ open: true }).toArray()) {
    const earlier = new Date(absentSince.getTime() - LOOKBACK_MS - 60_000);
    await differences.updateOne({ _id }, { $set: { absentSince: earlier } });
  }
}

/** Each row that the lake shows, and no other, is live in MongoDB. */
async function expectLive(hidden: (serialKey: number) => boolean) {
  const shown = (await lake.rows(TASKS))
    .map(({ SERIALKEY }) => Number(SERIALKEY))
    .filter((key) => !hidden(key));
  const live = await documents.find({ '_lake.deletedAt': { $exists: false } }).toArray();
  const keys = live.map(({ SERIALKEY }) => Number(SERIALKEY));
  expect(keys.sort((a, b) => a - b)).toEqual(shown.sort((a, b) => a - b));
}

describe('a run that compares, and whose workers are killed at random moments', { timeout }, () => {
  it('repairs and deletes what one that was left alone does', async () => {
    await leftAlone('full');
    for (let killed = 0, turn = 0; killed < FEWER_KILLS; turn++) {
      await trial.change();
      // As if a month lay between two turns: the guard adds up what is deleted within one.
      await lists.deleteMany({});
      const isHidden = (key: number) => key % 400 === turn;
      await vanish(`SERIALKEY % 400 = ${turn}`);
      await documents.deleteMany({ SERIALKEY: { $mod: [80, (turn + 1) % 80] } });
      const older = { $set: { '_lake.modifiedAt': new Date(1), STATUS: 'older' } };
      await documents.updateMany({ SERIALKEY: { $mod: [80, (turn + 2) % 80] } }, older);
      const jobId = await trial.start('reconcile');
      killed += await killWorkersOf(jobId, KILLS_A_RUN);
      expect(await certificates.findOne({ _id: jobId })).toMatchObject({
        verdict: 'repaired',
        remaining: 0,
        held: 0,
      });
      await expectLive(isHidden);

      await lake.show(TASKS);
      const again = await leftAlone('reconcile');
      expect(again).toMatchObject({ remaining: 0, counts: { extra: 0 } });
      await expectLive(() => false);
    }
  });

  it('carries out the whole of a confirmed list of deletes, and nothing else', async () => {
    await lists.deleteMany({});
    await leftAlone('full');
    const isHidden = (key: number) => key % 5 === 0;
    await vanish('SERIALKEY % 5 = 0');
    const before = await documents.countDocuments({ '_lake.deletedAt': { $exists: false } });
    const certificate = await leftAlone('reconcile');
    expect(certificate).toMatchObject({ repaired: 0 });
    expect(await documents.countDocuments({ '_lake.deletedAt': { $exists: false } })).toBe(before);

    const jobId = await trial.confirmDeletes();
    await killWorkersOf(jobId, KILLS_A_RUN);
    expect(await certificates.findOne({ _id: jobId })).toMatchObject({ remaining: 0, held: 0 });
    await expectLive(isHidden);
  });
});
