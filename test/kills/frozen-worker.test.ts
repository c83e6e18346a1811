import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { startLake } from '../../dev/lake/index.js';
import { databaseUri } from '../../dev/mongodb/index.js';
import { testDatabase } from '../support/database.js';
import { IS_LONG } from '../support/tier.js';
import { Site } from './site.js';
import { spoilPages } from './spoil-pages.js';
import { LAKE, startTrial } from './trial.js';

/** Of each kind; the long tier asks for more. */
const FREEZES = Number(process.env.FREEZES ?? 1);

const { uri, name, client, db } = await testDatabase();
const lake = await startLake(LAKE);
const site = await Site.start();
const referenceUri = databaseUri(inject('mongodbUri'), `${name}_reference`);
const trial = await startTrial({ lake, uri, referenceUri, site });

afterEach(() => {
  lake.clearFaults();
});
afterAll(async () => {
  await site.close();
  await trial.close();
  await client.db(`${name}_reference`).dropDatabase();
  await lake.close();
});

/** All that the backend has stored, but for what a run has cost: a woken worker has cost, too. */
async function everything() {
  const names = ['taskdetails', 'syncconfigs', 'syncjobs', 'synchistories', 'syncrejects'];
  const all = names.map((one) =>
    db
      .collection(one)
      .find({}, { projection: { usage: 0 } })
      .sort({ _id: 1 })
      .toArray(),
  );
  return Object.fromEntries((await Promise.all(all)).map((found, i) => [names[i], found]));
}

describe('workers that are frozen past their lease, replaced, and then woken', () => {
  it.each([
    ...(IS_LONG ? [['soft', 'as they should']] : []),
    ['hard', 'as they should'],
    ['soft', 'empty, short or twice'],
  ])(
    'move nothing, and bring no deleted row back (%s deletes, pages come %s)',
    { timeout: 60_000 * FREEZES },
    async (deleteMode, pages) => {
      const spoil = () => {
        if (pages !== 'as they should') spoilPages(lake);
      };
      await trial.configure({ options: { deleteMode } });
      for (let turn = 0; turn < FREEZES; turn++) {
        await trial.change();
        spoil();
        const jobId = await trial.start('full');
        // Some time in the middle, with a page in hand or on its way.
        const rowsRead = async () =>
          (await trial.job(jobId)).segments.reduce((sum, one) => sum + one.counts.read, 0);
        const some = 40 + Math.random() * 400;
        await expect.poll(rowsRead, { interval: 10, timeout: 45_000 }).toBeGreaterThan(some);
        const frozen = site.running;
        expect(frozen.length).toBeGreaterThan(0);
        for (const worker of frozen) worker.process.kill('SIGSTOP');
        await trial.untilEnded(jobId);
        await trial.expectUndisturbed(jobId);

        // What they hold in their hands changes in the lake, and goes.
        await trial.change();
        await lake.delete('CSWMS_wmwhse_TASKDETAIL', 'SERIALKEY % 5 = 1');
        spoil();
        const later = await trial.start('incremental');
        await trial.untilEnded(later);
        await trial.expectUndisturbed(later);

        const before = await everything();
        for (const worker of frozen) worker.process.kill('SIGCONT');
        await Promise.all(frozen.map((worker) => worker.ended));
        // Not `stopped`: it was before its work, or between two pieces of it, and finds that the
        // order is an old one, or that the run has ended.
        const worked = expect.stringMatching(/^(stopped|ignored|done)$/);
        expect(frozen.map(({ answer }) => answer)).toEqual(
          frozen.map(() => ({ message: 'Worker ended', worked })),
        );
        expect(await everything()).toEqual(before);
      }
    },
  );
});
