import { createHash } from 'node:crypto';
import type { DeleteList } from '../../models/delete-list.js';
import { deleteExpiry } from '../../rows/guarded-write.js';
import { keyParts } from '../../rows/key.js';
import type { StoredDifference } from '../../store/differences.js';
import type { Step } from '../step.js';
import { MOST_CANDIDATES } from './candidate-list.js';
import { ceilingOf, isBrokenOff, isUnproven } from './certificate.js';
import { reconcileOf } from './cost.js';
import { DEFAULT_GUARD_PERCENT, reasonsToHold } from './delete-guard.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Documents of one bulk write. */
const BATCH = 500;

/**
 * Deletes the documents that were absent from the lake twice, a lookback apart, or holds the whole
 * list of them. Can be repeated: a frozen list does not change.
 * @param now MongoDB's time
 * @returns the list in its new state; null if there is none; `pause`: the deadline came first
 */
export async function decideDeletes(step: Step, now: Date): Promise<DeleteList | 'pause' | null> {
  const { context, session } = step;
  const { job } = session;
  const { tableId, _id } = job;
  const { repair, confirms, exceptions = [] } = reconcileOf(job);
  const { deleteLists, differences } = context.store;
  const isDeciding =
    confirms === undefined ? repair && !isBrokenOff(exceptions) : !isUnproven(exceptions);
  if (!isDeciding) return deleteLists.held(tableId, now);
  const list = (await deleteLists.ofRun(tableId, _id)) ?? (await freeze(step, now));
  // Even without a new list: an earlier held list no longer matches what differs now.
  await deleteLists.replaceOthers(tableId, _id);
  if (list?.state !== 'applied') return list;
  if ((await carryOut(step, list, now)) === 'pause') return 'pause';
  const deleted = await differences.countDeleted(tableId, _id);
  await deleteLists.noteDeleted(tableId, _id, deleted);
  return { ...list, deleted };
}

/** Documents that this run found absent, and that were absent a lookback before it began to compare. */
function dueDeletes({ context, session }: Step): Promise<StoredDifference[]> {
  const { job } = session;
  const { asOf, confirms } = reconcileOf(job);
  const lookbackMs = (job.lookbackMinutes ?? 0) * MINUTE_MS;
  const before = new Date(
    (asOf ?? job.createdAt).getTime() - (confirms === undefined ? lookbackMs : 0),
  );
  return context.store.differences.absentSince(job.tableId, job._id, {
    before,
    most: MOST_CANDIDATES,
  });
}

/** Makes and stores the run's list, applied or held. @returns null if there is nothing to delete */
async function freeze(step: Step, now: Date): Promise<DeleteList | null> {
  const { context, session } = step;
  const due = await dueDeletes(step);
  if (due.length === 0) return null;
  const { tableId, _id: jobId } = session.job;
  const { confirms, position } = reconcileOf(session.job);
  const { deleteLists, differences } = context.store;
  const hash = hashOf(due);
  const keys = due.map(({ key }) => key);
  const confirmed = confirms === undefined ? null : await deleteLists.latestWith(tableId, confirms);
  const reasons = confirmed?.reasons ?? (await guardReasons(step, due, now));
  const isApplied = confirms !== undefined || reasons.length === 0;
  await differences.putOnList(tableId, keys, hash);
  return deleteLists.freeze({
    tableId,
    hash,
    jobId,
    deletes: due.length,
    documents: confirmed?.documents ?? position?.documents ?? 0,
    reasons,
    state: isApplied ? 'applied' : 'held',
    createdAt: now,
    ...(isApplied && { decidedAt: now }),
  });
}

async function guardReasons(
  { context, session: { job } }: Step,
  due: readonly StoredDifference[],
  now: Date,
): Promise<string[]> {
  const { position, exceptions = [] } = reconcileOf(job);
  const { deleteLists } = context.store;
  const since = (ms: number) => deleteLists.appliedSince(job.tableId, new Date(now.getTime() - ms));
  const [lastDay, lastMonth] = await Promise.all([since(DAY_MS), since(30 * DAY_MS)]);
  return reasonsToHold({
    deletes: countByWarehouse(due),
    warehouses: position?.warehouses ?? [],
    lastDay,
    lastMonth,
    percent: job.deleteGuardPercent ?? DEFAULT_GUARD_PERCENT,
    absenceProven: !isUnproven(exceptions),
  });
}

/** Deletes the documents of a list that are still in the version that was compared. */
async function carryOut(step: Step, list: DeleteList, now: Date): Promise<'done' | 'pause'> {
  const { context, session, sliceDeadline } = step;
  const { job } = session;
  const { asOf } = reconcileOf(job);
  const { differences } = context.store;
  const comparison = context.store.comparison(job.tableId);
  const asked = (asOf ?? job.createdAt).getTime();
  // Later than any version that a suspended worker may still write, the row's own included.
  const modifiedAt = new Date(Math.max(asked, (ceilingOf(job)?.getTime() ?? 0) + 1));
  const expireAt = job.deleteMode === 'hard' ? deleteExpiry(modifiedAt) : undefined;
  const due = (await dueDeletes(step)).filter(({ heldIn }) => heldIn === list.hash);
  for (let at = 0; at < due.length; at += BATCH) {
    if (context.clock.now() >= sliceDeadline) return 'pause';
    const batch = due.slice(at, at + BATCH);
    const keys = batch.map(({ key }) => key);
    const before = await comparison.versions(keys);
    const deletes = batch.flatMap(({ key, storedModifiedAt, serialKey, lastSeenAt }) => {
      const compared = before.get(key);
      const isSame =
        compared &&
        !compared.deleted &&
        compared.modifiedMs === storedModifiedAt?.getTime() &&
        String(compared.serialKey) === serialKey;
      // `lastSeenAt` is the time at which the lake was last queried for the row.
      return isSame ? [{ compared, inferredAt: lastSeenAt }] : [];
    });
    await comparison.deleteVersions(deletes, { modifiedAt, epoch: job.epoch ?? 0, expireAt });
    const after = await comparison.versions(keys);
    const gone = keys.filter((key) => after.get(key)?.deleted ?? true);
    await differences.resolve(job.tableId, gone, 'deleted', now);
  }
  return 'done';
}

function hashOf(due: readonly StoredDifference[]): string {
  const hash = createHash('sha256');
  for (const { key, storedModifiedAt, serialKey } of due) {
    hash.update(JSON.stringify([key, storedModifiedAt?.getTime(), serialKey]));
  }
  return hash.digest('hex');
}

function countByWarehouse(due: readonly StoredDifference[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of due) {
    const whseid = keyParts(key)[0] ?? '';
    counts.set(whseid, (counts.get(whseid) ?? 0) + 1);
  }
  return counts;
}
