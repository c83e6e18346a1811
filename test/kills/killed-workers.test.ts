import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { startLake } from '../../dev/lake/index.js';
import { databaseUri } from '../../dev/mongodb/index.js';
import { testDatabase } from '../support/database.js';
import { Site } from './site.js';
import { startTrial } from './trial.js';

/** In all; the long tier asks for more. */
const KILLS = Number(process.env.KILLS ?? 20);
/** Of one run: after these it is left alone, so that it ends. */
const KILLS_A_RUN = 8;
/** About as long as a run takes. */
const LIFE_MS = 800;
const HOUR_MS = 3_600_000;

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

/** Runs, one after another, until so many of their workers have been killed. */
async function runsWithKills(kills: number): Promise<void> {
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

describe('a run whose workers are killed at random moments', {
  timeout: 60_000 + KILLS * 10_000,
}, () => {
  it('ends as one that was left alone', () => runsWithKills(KILLS));

  it('does so where each order is started three times at once', async () => {
    site.platform.copies = 3;
    await runsWithKills(Math.ceil(KILLS / 5));
  });

  it('does so where the clock of every other worker is an hour off', async () => {
    site.platform.clockOffMs = (nth) => [0, HOUR_MS, 0, -HOUR_MS][nth % 4] ?? 0;
    await runsWithKills(Math.ceil(KILLS / 5));
  });

  it('does so where one in five calls of the lake fails, in every way that passes', async () => {
    // Two refused tokens in a row are no hiccup: that one strikes evenly.
    lake.fault({ kind: '401', on: 'result', every: 50 });
    const kinds = ['429', '500', '504', 'reset', 'cut', 'malformed', 'slow', 'shortPage'] as const;
    for (const [seed, kind] of kinds.entries()) {
      lake.fault({ kind, rate: 0.02, seed, delayMs: 200, retryAfterSeconds: 0 });
    }
    lake.fault({ kind: 'unknownStatus', rate: 0.1 });
    lake.fault({ kind: 'lostResult', nth: 30 });
    await runsWithKills(Math.ceil(KILLS / 5));
    const struck = lake.faults().filter((fault) => fault.struck > 0);
    expect(struck.length).toBeGreaterThan(4);
  });
});
