import { expect } from 'vitest';
import { ionVariables, type Lake, type LakeObject, startLake } from '../../dev/lake/index.js';
import { type App, createApp } from '../../src/app.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import { startJob } from '../../src/sync/start.js';
import type { Scene } from './stage.js';

/** Longer than it takes to end a run. */
const SLICE_MS = 30_000;

/** A backend of another tenant that is connected to the same database. Started when it is needed. */
export class Stranger {
  readonly #objects: readonly LakeObject[];
  #started: Promise<{ lake: Lake; app: App }> | undefined;

  constructor(objects: readonly LakeObject[]) {
    this.#objects = objects;
  }

  async context(): Promise<SyncContext> {
    this.#started ??= this.#start();
    return (await this.#started).app.sync();
  }

  async close(): Promise<void> {
    const { lake, app } = (await this.#started) ?? {};
    await app?.close();
    await lake?.close();
  }

  async #start() {
    const lake = await startLake({ tenant: 'OTHER_TST', rows: 0, objects: this.#objects });
    return { lake, app: createApp({ ...process.env, ...ionVariables(lake) }) };
  }
}

/**
 * Of another tenant's backend no row of a table is touched: it is refused a run of its own, and
 * ends the one that was left.
 * @returns the run that it ended
 */
export async function takeUpAsStranger(scene: Scene): Promise<SyncJob | undefined> {
  const { tableId } = scene.subject.table;
  const active = await scene.activeJob();
  const { sourceHash } = await scene.config();
  // A table that nothing was written to yet belongs to whoever comes first.
  if (!active && !sourceHash) return undefined;
  const context = await scene.stranger.context();
  const rows = await scene.documents();
  const code = sourceHash ? 'SOURCE_CHANGED' : 'SYNC_RUNNING';
  await expect(startJob(context, { tableId }, 'api')).rejects.toMatchObject({ code });
  scene.coverage.count(`stranger: refused, ${code}`);
  if (!active) return undefined;
  const { job } = await advance(context, active._id, Date.now() + SLICE_MS);
  // To end a run that has nothing left to write is the same for all.
  if (active.phase !== 'finishing') expect(job.errorCode).toBe('SOURCE_CHANGED');
  expect(await scene.documents()).toEqual(rows);
  scene.coverage.count(`stranger: ended a run, ${active.phase}`);
  return active;
}
