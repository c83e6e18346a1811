import { AppError } from '../errors/app-error.js';
import type { ContestedRow } from '../models/reading.js';
import { compileDecoder, type DecodedRow } from '../rows/decoder.js';
import { storedEpoch, storedModifiedMs, storedSerialKey } from '../rows/stored-row.js';
import { sourceOf } from './query-scope.js';
import { rowsByKey } from './rows-by-key.js';
import type { Step } from './step.js';

interface Rechecked {
  /** Live rows that share their key with another live row. */
  readonly twins: number;
}

/**
 * Queries the lake once more for the contested rows, by key and without a ceiling: whether it still
 * shows the older version, and whether two rows with one key are both live.
 * @throws AppError LAKE_TIMES_WENT_BACK if a stored version is newer than the lake's present one,
 *   unless the run repairs differences
 */
export async function recheck(step: Step): Promise<Rechecked | 'pause'> {
  const { context, session, table } = step;
  const { contested: others = [], contestedTwins = [], epoch = 0 } = session.job;
  const contested = [...others, ...contestedTwins];
  if (contested.length === 0) return { twins: 0 };
  const keys = [...new Map(contested.map((row) => [JSON.stringify(row.key), row.key])).values()];
  const rows = await rowsByKey(step, sourceOf(session.job, table), keys);
  if (!rows) return 'pause';

  const { decode } = compileDecoder(table, { epoch });
  const shown = rows.flatMap((row) => {
    const decoded = decode(row);
    return decoded.ok ? [decoded.row] : [];
  });
  const wentBack = await olderThanStored(step, contested, shown, epoch);
  // A run that repairs finds them again in its comparison, and replaces what is stored.
  if (wentBack.length > 0 && !session.job.reconcile?.repair) {
    const [example] = wentBack;
    const message = `${wentBack.length} of ${contested.length} rows checked, for example ${example?.id}`;
    throw new AppError('LAKE_TIMES_WENT_BACK', undefined, { details: [{ message }] });
  }
  context.log.debug({ table: table.tableId, rows: contested.length }, 'contested rows rechecked');
  return { twins: twinsAmong(contested, shown) };
}

async function olderThanStored(
  { context, table }: Step,
  contested: readonly ContestedRow[],
  shown: readonly DecodedRow[],
  epoch: number,
): Promise<DecodedRow[]> {
  const suspects = new Set(contested.filter(({ kind }) => kind === 'older').map(nameOf));
  const rows = shown.filter((row) =>
    suspects.has(nameOf({ identity: row.id, serialKey: String(row.serialKey) })),
  );
  if (rows.length === 0) return [];
  const stored = await context.store.rows(table.tableId).findByKeys(rows.map(({ id }) => id));
  const byId = new Map(stored.map((document) => [document._id, document]));
  return rows.filter((row) => {
    const document = byId.get(row.id);
    if (!document || String(storedSerialKey(document)) !== String(row.serialKey)) return false;
    return storedEpoch(document) <= epoch && (storedModifiedMs(document) ?? 0) > row.modifiedMs;
  });
}

/** Counts twins on different pages; those on the same page are counted when it is written. */
function twinsAmong(contested: readonly ContestedRow[], shown: readonly DecodedRow[]): number {
  const suspects = new Set(
    contested.filter(({ kind }) => kind === 'twin').map((row) => row.identity),
  );
  const living = new Map<string, Set<string>>();
  for (const { id, deleted, serialKey } of shown) {
    if (deleted || !suspects.has(id)) continue;
    living.set(id, (living.get(id) ?? new Set()).add(String(serialKey)));
  }
  return [...living.values()].reduce((sum, serials) => sum + serials.size - 1, 0);
}

function nameOf({ identity, serialKey }: Pick<ContestedRow, 'identity' | 'serialKey'>): string {
  return `${identity}?${serialKey}`;
}
