import { expect } from 'vitest';
import type { SyncJob } from '../../src/models/sync-job.js';
import { advance } from '../../src/sync/advance.js';
import { startJob } from '../../src/sync/start.js';
import type { Scene } from './stage.js';

/** Longer than it takes to end a run. */
const SLICE_MS = 30_000;

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
