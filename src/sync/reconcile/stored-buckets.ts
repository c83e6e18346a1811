import type { RowComparisonStore } from '../../store/row-comparison.js';
import type { Bucket, Group } from './compare-groups.js';
import { addExact } from './exact-sum.js';

export interface StoredBucket extends Bucket {
  /** Documents that lack values which could not be read. */
  readonly unreadable: number;
}

/**
 * The groups of MongoDB's live documents in buckets of one millisecond, in batches.
 * @param after only later index times
 * @param onForeign called with the number of documents that this backend did not write
 * @param signal ends the operation, also while MongoDB still groups
 */
export async function* storedBuckets(
  comparison: RowComparisonStore,
  after: Date | undefined,
  onForeign: (documents: number) => void,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredBucket[]> {
  for await (const batch of comparison.groupsAfter(after, signal)) {
    if (batch.foreign > 0) onForeign(batch.foreign);
    const buckets: StoredBucket[] = [];
    let current: { ms: number; groups: Map<string, Group>; unreadable: number } | undefined;
    for (const { ms, whseid = '', documents, serials, serialSum, unreadable } of batch.groups) {
      if (ms !== current?.ms) {
        current = { ms, groups: new Map(), unreadable: 0 };
        buckets.push(current);
      }
      const before = current.groups.get(whseid);
      // MongoDB groups a missing WHSEID, NULL and an empty text separately.
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
