import type { DifferenceKind } from '../../models/reconcile.js';
import type { DecodedRow } from '../../rows/decoder.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import { isSameVersion } from './same-version.js';

/** The result of a second reading of both sides for one key. */
export interface Evidence {
  /** The lake's rows with this key, deleted ones included if the object shows deletes. */
  readonly lake: readonly DecodedRow[];
  /** Index times, if known, of the lake's rows with this key that can't be stored. */
  readonly undecoded?: readonly (number | undefined)[];
  readonly stored: StoredVersion | undefined;
  /** A row with this key is kept as an open reject. */
  readonly rejected: boolean;
  /** The newest index time that the run has read, epoch milliseconds. */
  readonly ceilingMs: number;
}

export type Class =
  /** Both sides agree, or the lake has a newer version than the run has read. */
  | { readonly kind: 'none' | 'inFlight' }
  /** `row` is what should be stored; absent if the lake has none. */
  | { readonly kind: DifferenceKind; readonly row?: DecodedRow };

/** Decides how one document differs from the lake. Pure. */
export function classify(evidence: Evidence): Class {
  const { lake, undecoded = [], stored, rejected, ceilingMs } = evidence;
  const live = lake.filter(({ deleted }) => !deleted);
  const times = [...lake.map(({ modifiedMs }) => modifiedMs), ...undecoded];
  if (times.some((ms) => ms !== undefined && ms > ceilingMs)) return { kind: 'inFlight' };
  const isLive = stored !== undefined && !stored.deleted;
  if (stored && stored.modifiedMs === undefined) return { kind: 'foreign' };
  if (live.length > 1) return { kind: 'collision' };
  if (undecoded.length > 0) return { kind: 'rejected' };
  const [row] = live;
  if (!row) {
    if (!isLive) return { kind: 'none' };
    if (rejected) return { kind: 'rejected' };
    const deletion = newest(lake);
    if (!deletion) return { kind: 'extra' };
    const isAhead = (stored.modifiedMs ?? 0) > deletion.modifiedMs;
    return { kind: isAhead ? 'newer' : 'stale', row: deletion };
  }
  if (!isLive) return { kind: rejected ? 'rejected' : 'missing', row };
  const storedMs = stored.modifiedMs ?? 0;
  if (storedMs < row.modifiedMs) return { kind: rejected ? 'rejected' : 'stale', row };
  if (storedMs > row.modifiedMs) return { kind: 'newer', row };
  return isSameVersion(row, stored) ? { kind: 'none' } : { kind: 'content', row };
}

function newest(rows: readonly DecodedRow[]): DecodedRow | undefined {
  return rows.toSorted((a, b) => b.modifiedMs - a.modifiedMs)[0];
}
