import { setTimeout as sleep } from 'node:timers/promises';
import type { Types } from 'mongoose';
import { expect } from 'vitest';
import { advance } from '../../src/sync/advance.js';
import type { SyncContext } from '../../src/sync/context.js';
import type { Scene } from './stage.js';

/** A leave-taking worker's last page and lease, when its leases are stolen. */
const PAGE_MS = 4;
/** Longer than any slice lasts. */
const SLICE_MS = 30_000;

interface Crowd {
  readonly workers: number;
  /** The leases of the first one end while it works. */
  readonly steal: boolean;
}

/** Several workers on one run, sharing its segments or taking them from each other. */
export async function crowd(
  scene: Scene,
  context: SyncContext,
  id: Types.ObjectId,
  { workers, steal }: Crowd,
): Promise<void> {
  const { backend, coverage } = scene;
  backend.lake.configure({ pageLatencyMs: PAGE_MS });
  const working = Array.from({ length: workers }, async (_, place) => {
    await sleep(place * PAGE_MS * 3);
    if (steal && place > 0) await stealLeases(scene, id);
    return advance(context, id, Date.now() + SLICE_MS);
  });
  for (const result of await Promise.allSettled(working)) {
    if (result.status === 'fulfilled') coverage.count(`crowd: ${result.value.state}`);
    else expect(result.reason).toMatchObject({ code: 'SYNC_SUPERSEDED' });
    if (result.status === 'rejected') coverage.count('crowd: superseded');
  }
  backend.lake.configure({ pageLatencyMs: 0 });
}

/** As time does with those of a worker that is frozen. */
export async function stealLeases(scene: Scene, _id: Types.ObjectId): Promise<void> {
  const jobs = scene.backend.db.collection('syncjobs');
  const job = await scene.job(_id);
  const held = job.segments.flatMap(({ lease }, place) =>
    lease ? [`segments.${place}.lease`] : [],
  );
  for (const path of [...(job.lease ? ['lease'] : []), ...held]) {
    await jobs.updateOne(
      { _id, [`${path}.owner`]: { $exists: true } },
      { $set: { [`${path}.at`]: new Date(0) } },
    );
  }
}
