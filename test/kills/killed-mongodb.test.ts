import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { startLake } from '../../dev/lake/index.js';
import { databaseUri, startMongo } from '../../dev/mongodb/index.js';
import { Site } from './site.js';
import { LAKE, startTrial } from './trial.js';

/** The long tier asks for more. */
const RUNS = Number(process.env.MONGODB_KILLS ?? 2);

/** A server of this file's own, that keeps its port, and on disk what it has confirmed. */
const { TEST_MONGODB_URI: _, ...env } = process.env;
const storagePath = await mkdtemp(join(tmpdir(), 'datalake-sync-killed-'));
let server = await startMongo({ env, storagePath, syncOnCommit: true });
if (!server.kill) throw new Error(`${server.chose} can't be killed.`);
const port = Number(new URL(server.uri).port);

const lake = await startLake(LAKE);
const site = await Site.start();
const trial = await startTrial({
  lake,
  uri: databaseUri(server.uri, 'killed'),
  referenceUri: databaseUri(server.uri, 'reference'),
  site,
});

afterAll(async () => {
  await site.close();
  await trial.close();
  await lake.close();
  await server.stop();
  await rm(storagePath, { recursive: true, force: true });
});

it('a run in whose middle MongoDB is killed and started again ends as one that was left alone', {
  timeout: 60_000 * RUNS,
}, async () => {
  for (let run = 0; run < RUNS; run++) {
    await trial.change();
    const jobId = await trial.start(run % 3 === 2 ? 'incremental' : 'full');
    let killed = false;
    await trial.untilEnded(jobId, async () => {
      if (killed) return;
      killed = true;
      await delay(Math.random() * 1_000);
      await server.kill?.();
      await delay(Math.random() * 1_000);
      server = await startMongo({ env, storagePath, syncOnCommit: true, port });
    });
    expect(killed).toBe(true);
    await trial.expectUndisturbed(jobId);
  }
});
