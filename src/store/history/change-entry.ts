import { mongo, type Types } from 'mongoose';
import { AppError, toAppError } from '../../errors/app-error.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { isDuplicateKey } from '../driver/mongo-error.js';
import { totalsOfEntry } from './entry-totals.js';
import type { Runs } from './runs.js';

/** The tally of a new history entry: it is not counted yet. */
export function notCounted(tableId: string): Required<Pick<SyncHistory, 'tally'>> {
  return { tally: { change: new mongo.ObjectId(), due: tableId } };
}

interface ChangeOptions {
  /** If there is no entry, one of this table is created. */
  readonly newOf?: string;
}

/** Attempts to change an entry that others change or count at the same time. */
const ATTEMPTS = 20;

/**
 * Changes a history entry so that it can be counted again: the same update records in the tally that
 * it has changed and how it has been counted so far. It is made only if the entry and its tally are
 * as they were read. Every change of an existing entry is made by this function, and once: after a
 * lost answer it is not made again, unless it has been counted meanwhile.
 *
 * Through the driver: Mongoose would refuse to correct an entry of an earlier version because of the
 * types of its other values, and drop fields that only earlier versions have.
 * @param change makes the update from the present entry; called again if that has changed
 * @returns the changed entry; undefined: there is none
 * @throws AppError MONGODB_*; what `change` throws
 */
export async function changeEntry(
  { history, run }: Runs,
  _id: Types.ObjectId,
  change: (found: SyncHistory | null) => mongo.UpdateFilter<SyncHistory>,
  { newOf }: ChangeOptions = {},
): Promise<SyncHistory | undefined> {
  const sent: Types.ObjectId[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await run(() => history.findOne({ _id }));
    const made = found?.tally?.change;
    // An earlier attempt succeeded, and only its answer was lost.
    if (found && made && sent.some((one) => one.equals(made))) return found;
    const tableId = found?.tableId ?? newOf;
    if (tableId === undefined) return undefined;
    const update = change(found);
    const id = new mongo.ObjectId();
    sent.push(id);
    const noted = { ...update, $set: { ...update.$set, ...noteOf(found, tableId, id) } };
    const filter = { _id, ...asFound(found) } as mongo.Filter<SyncHistory>;
    const send = () =>
      history.findOneAndUpdate(filter, noted as mongo.UpdateFilter<SyncHistory>, {
        upsert: newOf !== undefined,
        returnDocument: 'after',
      });
    const changed = await run(send).catch((error) => {
      if (!isDuplicateKey(toAppError(error).cause)) throw error;
      return null;
    });
    if (changed) return changed;
  }
  throw new AppError('MONGODB_BUSY');
}

/**
 * Matches the entry and its tally as they were read: each change sets a new `change`, and each count
 * raises `seq`.
 */
export function asFound(found: Pick<SyncHistory, 'tally'> | null): Record<string, unknown> {
  if (!found) return { tally: { $exists: false } };
  const { change, seq } = found.tally ?? {};
  return {
    'tally.change': change ?? { $exists: false },
    'tally.seq': seq ?? { $exists: false },
  };
}

/** The tally fields by which an update records that it changes the entry. */
export function noteOf(
  found: SyncHistory | null,
  tableId: string,
  change: Types.ObjectId = new mongo.ObjectId(),
): Record<string, unknown> {
  const isCounted = found && !found.tally?.change;
  return {
    'tally.change': change,
    'tally.due': tableId,
    ...(isCounted && { 'tally.counted': totalsOfEntry(found) }),
  };
}
