import { AppError } from '../errors/app-error.js';
import type { DeleteList } from '../models/delete-list.js';
import type { Store } from '../store/store.js';
import { alreadyRunning } from './start.js';

/** Why a list can't be confirmed, by what became of it; one that is still held is too old. */
const WHY_NOT = {
  held: 'the list is older than 7 days',
  applied: 'the list has been carried out',
  discarded: 'the list has been discarded',
  replaced: 'a later list has taken its place',
} as const satisfies Record<DeleteList['state'], string>;

/**
 * The list of deletes that waits for a confirmation, which has to be the one with this hash.
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
 * Drops a held list: nothing is deleted, and its documents are looked for in the lake again, twice,
 * before they can be on another one.
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
