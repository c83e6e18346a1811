import { AppError } from '../errors/app-error.js';
import type { DeleteList } from '../models/delete-list.js';
import type { Store } from '../store/store.js';
import { alreadyRunning } from './start.js';

/** Why a list can't be confirmed, by its state; one that is still held is too old. */
const WHY_NOT = {
  held: 'the list is older than 7 days',
  applied: 'the list has been applied',
  discarded: 'the list has been discarded',
  replaced: 'a later list has replaced it',
} as const satisfies Record<DeleteList['state'], string>;

/**
 * The table's list of deletes that waits for confirmation, if it has this hash.
 * @throws AppError DELETES_NOT_HELD, MONGODB_*
 */
export async function findHeldDeletes(
  { deleteLists }: Store,
  { tableId, hash, now }: { tableId: string; hash: string; now: Date },
): Promise<DeleteList> {
  const held = await deleteLists.held(tableId, now);
  if (held?.hash === hash) return held;
  const list = await deleteLists.latestWith(tableId, hash);
  const message = list ? WHY_NOT[list.state] : 'the table has no list with this hash';
  throw new AppError('DELETES_NOT_HELD', undefined, { details: [{ field: 'hash', message }] });
}

/**
 * Discards a held list: nothing is deleted, and its documents must be found missing from the lake
 * twice more before they can be on another list.
 * @throws AppError DELETES_NOT_HELD; SYNC_RUNNING while a run carries the list out; MONGODB_*
 */
export async function discardDeletes(
  store: Store,
  wanted: { tableId: string; hash: string; now: Date },
): Promise<DeleteList> {
  const { tableId, hash, now } = wanted;
  const list = await findHeldDeletes(store, wanted);
  const running = await store.jobs.active(tableId);
  if (running?.reconcile?.confirms === hash) throw alreadyRunning(running);
  if (!(await store.deleteLists.decide(tableId, hash, 'discarded', now))) {
    await findHeldDeletes(store, wanted);
  }
  await store.differences.dropList(tableId, hash, now);
  return list;
}
