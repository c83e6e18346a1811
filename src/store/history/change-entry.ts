import { mongo, type Types } from 'mongoose';
import { AppError, toAppError } from '../../errors/app-error.js';
import type { SyncHistory } from '../../models/sync-history.js';
import { isDuplicateKey } from '../driver/mongo-error.js';
import { totalsOfEntry } from './entry-totals.js';
import type { Runs } from './runs.js';

/** What a new entry of the history carries: nothing of it is counted. */
export function notCounted(tableId: string): Required<Pick<SyncHistory, 'tally'>> {
  return { tally: { change: new mongo.ObjectId(), due: tableId } };
}

interface ChangeOptions {
  /** Where there is no entry, one of this table is made. */
  readonly newOf?: string;
}

/** To change an entry that others change or count at the same time. */
const ATTEMPTS = 20;

/**
 * Changes an entry of the history so that it can be counted again: the same update notes the
 * change and as what the entry is counted so far, and is made only where the entry, and what is
 * counted of it, is as it was read. Every change of an entry that is there goes this way, once: an
 * answer that was lost makes it no second time, unless it has been counted meanwhile.
 *
 * Through the driver: Mongoose would refuse to correct an entry of an earlier version for the types
 * of its other values, and drop the fields that only earlier versions know.
 * @param change the update, by the entry as it is; asked again where that has changed since
 * @returns the entry as it is then; undefined: there is none
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
    // Only the answer was lost.
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
 * Matches the entry as it was read, and what is counted of it: each change has another `change`,
 * and whoever counts raises `seq`.
 */
export function asFound(found: Pick<SyncHistory, 'tally'> | null): Record<string, unknown> {
  if (!found) return { tally: { $exists: false } };
  const { change, seq } = found.tally ?? {};
  return {
    'tally.change': change ?? { $exists: false },
    'tally.seq': seq ?? { $exists: false },
  };
}

/** The fields by which an update notes that it changes the entry. */
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
