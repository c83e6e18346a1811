import { setTimeout as delay } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import { afterAll, afterEach, inject } from 'vitest';
import { type Lake, startLake } from '../../dev/lake/index.js';
import { databaseUri } from '../../dev/mongodb/index.js';
import { testDatabase } from '../support/database.js';
import { ORDINARY, Site } from './site.js';
import { LAKE, type RunKind, startTrial, type Trial } from './trial.js';

/** In all; the long tier asks for more. */
export const KILLS = Number(process.env.KILLS ?? 5);
/** Where something else goes wrong, too. */
export const FEWER_KILLS = Math.ceil(KILLS / 5);
/** Of a test. */
export const timeout = 60_000 + KILLS * 10_000;

const KINDS: readonly RunKind[] = ['full', 'full', 'incremental'];

/** Of one run: after these it is left alone, so that it ends. */
const KILLS_A_RUN = Math.min(8, Math.ceil(KILLS / KINDS.length));
/** About as long as a run takes. */
const LIFE_MS = 600;

interface Kills {
  readonly lake: Lake;
  readonly site: Site;
  readonly trial: Trial;
  /** Runs, one after another, until so many of their workers have been killed. */
  runs(kills: number, options?: RunOptions): Promise<void>;
  /** Lets a run go on to its end, up to `most` of whose workers are killed. @returns their number */
  killWorkersOf(jobId: mongo.ObjectId, most: number): Promise<number>;
  /** A run in whose middle one worker is killed. @returns its job, which has ended */
  oneRun(kind: RunKind): Promise<mongo.ObjectId>;
}

interface RunOptions {
  /** Round and round. */
  readonly kinds?: readonly RunKind[];
  /** Before each run. */
  readonly prepare?: () => void;
}

/** A lake, a database and a site of the calling test file's own. */
export async function prepareKills(): Promise<Kills> {
  const { uri, name, client } = await testDatabase();
  const lake = await startLake(LAKE);
  const site = await Site.start();
  const referenceUri = databaseUri(inject('mongodbUri'), `${name}_reference`);
  const trial = await startTrial({ lake, uri, referenceUri, site });

  afterEach(() => {
    lake.clearFaults();
    Object.assign(site.platform, ORDINARY);
  });
  afterAll(async () => {
    await site.close();
    await trial.close();
    await client.db(`${name}_reference`).dropDatabase();
    await lake.close();
  });

  /** @param most of its workers are killed */
  async function run(
    kind: RunKind,
    most: number,
  ): Promise<{ jobId: mongo.ObjectId; killed: number }> {
    await trial.change();
    const jobId = await trial.start(kind);
    return { jobId, killed: await killWorkersOf(jobId, most) };
  }

  async function killWorkersOf(jobId: mongo.ObjectId, most: number): Promise<number> {
    let killed = 0;
    await trial.untilEnded(jobId, async () => {
      if (killed >= most) return;
      await delay(Math.random() * LIFE_MS);
      const { running } = site;
      const worker = running[Math.floor(Math.random() * running.length)];
      if (!worker) return;
      await site.kill(worker);
      killed++;
    });
    return killed;
  }

  async function runs(kills: number, { kinds = KINDS, prepare }: RunOptions = {}): Promise<void> {
    let left = kills;
    for (let nth = 0; left > 0; nth++) {
      prepare?.();
      const { jobId, killed } = await run(
        kinds[nth % kinds.length] ?? 'full',
        Math.min(left, KILLS_A_RUN),
      );
      await trial.expectUndisturbed(jobId);
      left -= killed;
    }
  }

  return {
    lake,
    site,
    trial,
    runs,
    killWorkersOf,
    oneRun: async (kind) => (await run(kind, 1)).jobId,
  };
}
