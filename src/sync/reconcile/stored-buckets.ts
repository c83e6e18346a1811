import type { RowComparisonStore } from '../../store/row-comparison.js';
import type { Bucket, Group } from './compare-groups.js';
import { addExact } from './exact-sum.js';

export interface StoredBucket extends Bucket {
  /** Documents that lack values which could not be read. */
  readonly unreadable: number;
}

/**
 * MongoDB's live documents in groups, those of one millisecond together, many at a time.
 * @param after those of later index times only
 * @param onForeign is told how many documents have no version of ours
 */
export async function* storedBuckets(
  comparison: RowComparisonStore,
  after: Date | undefined,
  onForeign: (documents: number) => void,
): AsyncGenerator<readonly StoredBucket[]> {
  for await (const batch of comparison.groupsAfter(after)) {
    if (batch.foreign > 0) onForeign(batch.foreign);
    const buckets: StoredBucket[] = [];
    let current: { ms: number; groups: Map<string, Group>; unreadable: number } | undefined;
    for (const { ms, whseid = '', documents, serials, serialSum, unreadable } of batch.groups) {
      if (ms !== current?.ms) {
        current = { ms, groups: new Map(), unreadable: 0 };
        buckets.push(current);
      }
      const before = current.groups.get(whseid);
      // No warehouse, NULL and an empty text are three groups of MongoDB's.
      current.groups.set(whseid, {
        rows: documents + (before?.rows ?? 0),
        serials: serials + (before?.serials ?? 0),
        serialSum: before ? addExact(before.serialSum, serialSum) : serialSum,
      });
      current.unreadable += unreadable;
    }
    yield buckets;
  }
}
