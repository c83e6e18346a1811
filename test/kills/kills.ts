import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, expect, inject } from 'vitest';
import { type Lake, startLake } from '../../dev/lake/index.js';
import { databaseUri } from '../../dev/mongodb/index.js';
import { testDatabase } from '../support/database.js';
import { Site } from './site.js';
import { startTrial } from './trial.js';

/** In all; the long tier asks for more. */
export const KILLS = Number(process.env.KILLS ?? 20);
/** Where something else goes wrong, too. */
export const FEWER_KILLS = Math.ceil(KILLS / 5);
/** Of a test. */
export const timeout = 60_000 + KILLS * 10_000;

/** Of one run: after these it is left alone, so that it ends. */
const KILLS_A_RUN = 8;
/** About as long as a run takes. */
const LIFE_MS = 800;

interface Kills {
  readonly lake: Lake;
  readonly site: Site;
  /** Runs, one after another, until so many of their workers have been killed. */
  runs(kills: number): Promise<void>;
}

/** A lake, a database and a site of the calling test file's own. */
export async function prepareKills(): Promise<Kills> {
  const { uri, name, client } = await testDatabase();
  const lake = await startLake({ rows: 2_000 });
  const site = await Site.start();
  const referenceUri = databaseUri(inject('mongodbUri'), `${name}_reference`);
  const trial = await startTrial({ lake, uri, referenceUri, site });

  afterEach(() => {
    lake.clearFaults();
    Object.assign(site.platform, { copies: 1, clockOffMs: () => 0 });
  });
  afterAll(async () => {
    await site.close();
    await trial.close();
    await client.db(`${name}_reference`).dropDatabase();
    await lake.close();
  });

  async function runs(kills: number): Promise<void> {
    let killed = 0;
    for (let run = 0; killed < kills; run++) {
      await trial.change();
      const jobId = await trial.start(run % 3 === 2 ? 'incremental' : 'full');
      let ofThisRun = 0;
      await trial.untilEnded(jobId, async () => {
        if (ofThisRun >= KILLS_A_RUN || killed >= kills) return;
        await delay(Math.random() * LIFE_MS);
        const { running } = site;
        const worker = running[Math.floor(Math.random() * running.length)];
        if (!worker) return;
        await site.kill(worker);
        killed++;
        ofThisRun++;
      });
      await trial.expectUndisturbed(jobId);
    }
    expect(killed).toBe(kills);
  }

  return { lake, site, runs };
}
