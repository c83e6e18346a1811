import { expect } from 'vitest';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { SyncJob } from '../../src/models/sync-job.js';
import { jobCounts } from '../../src/sync/segments.js';
import { isAllRejected } from './rules.js';

/** What a run may come to whose rows change, come and go between its calls of the lake. */
const WHERE_ROWS_CHANGE = ['LAKE_RESULT_UNPROVEN', 'LAKE_RESULT_LOST'];

/** Runs that may fail, since something was done to them. */
export class Excuses {
  readonly #excused = new Set<string>();
  readonly #withChanges = new Set<string>();

  excuse({ _id }: Pick<SyncJob, '_id'>): void {
    this.#excused.add(String(_id));
  }

  rowsChanged({ _id }: Pick<SyncJob, '_id'>): void {
    this.#withChanges.add(String(_id));
  }

  /** Whether the lake misbehaved while the run lasted, or changed under it. */
  isDisturbed({ _id }: SyncJob): boolean {
    return this.#excused.has(String(_id)) || this.#withChanges.has(String(_id));
  }

  /** @param timesWentBack whether the lake shows a record with an older index time than before */
  expectReason(job: SyncJob, timesWentBack: boolean): void {
    const { _id, error, errorCode = '' } = job;
    if (!error || isAllRejected(job)) return;
    const id = String(_id);
    const hasReason =
      this.#excused.has(id) ||
      (this.#withChanges.has(id) && WHERE_ROWS_CHANGE.includes(errorCode)) ||
      (timesWentBack && errorCode === 'LAKE_TIMES_WENT_BACK');
    expect(hasReason, `failed for no reason: ${JSON.stringify(error)}`).toBe(true);
  }
}

/**
 * A run that was left and whose warehouses are no longer the configured ones is ended when it is
 * taken up, for this reason only, and writes nothing.
 * @param left the run that had been left before the command, as it was
 * @returns whether it is such a run
 */
export function expectOutdated(job: SyncJob, before: SyncConfig, left: SyncJob | null): boolean {
  const isLeft = left?._id.equals(job._id) === true;
  const code = job.errorCode ?? 'none';
  // The worker that ended it had no time left to finish.
  if (isLeft && left.phase === 'finishing') return left.errorCode === 'RUN_OUTDATED';
  const outdated = isLeft && left.scope.own && left.hashes.scope !== before.scopeHash;
  if (!outdated) expect(code).not.toBe('RUN_OUTDATED');
  else expect(['RUN_OUTDATED', 'SYNC_CANCELED', 'SOURCE_CHANGED']).toContain(code);
  if (outdated) expect(job.stats.processedRecords, 'rows read').toBe(jobCounts(left).read);
  return code === 'RUN_OUTDATED';
}
