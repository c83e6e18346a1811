import type { ListingTotals } from '../../datafabric/listing-groups.js';
import type { ListingPosition, UnequalRange, WarehouseCounts } from '../../models/reconcile.js';
import { type Bucket, type BucketPair, type Group, isEqualGroup } from './compare-groups.js';
import { addToDigest, digestText } from './group-hash.js';
import { scopeTest } from './in-scope.js';
import type { LakeBucket } from './lake-buckets.js';
import { addUnequal } from './unequal-ranges.js';

/** What has been compared of a listing, and what came of it. */
export class Comparison {
  readonly #isInScope: (whseid: string) => boolean;
  readonly #ceilingMs: number;
  readonly #warehouses: Map<string, WarehouseCounts>;
  readonly #ranges: UnequalRange[];
  /** The lake's buckets that were passed on and are not compared yet, in their order. */
  readonly #passed: Pick<LakeBucket, 'ms' | 'next' | 'unnamed'>[] = [];
  #digest: bigint;
  #offset: number;
  #after: Date | undefined;
  #rows: number;
  #documents: number;
  #groups: number;
  #inFlight: number;
  #outOfScope: number;
  #unnamed: number;

  /**
   * @param position where it was broken off; undefined: from the beginning
   * @param scope warehouses that the run covers; undefined: all
   * @param ceilingMs the newest index time that the run has read, epoch milliseconds
   */
  constructor(
    position: ListingPosition | undefined,
    scope: readonly string[] | undefined,
    ceilingMs: number,
  ) {
    this.#isInScope = scopeTest(scope);
    this.#ceilingMs = ceilingMs;
    const warehouses = position?.warehouses ?? [];
    this.#warehouses = new Map(warehouses.map((one) => [one.whseid, { ...one }]));
    this.#ranges = [...(position?.ranges ?? [])];
    this.#digest = BigInt(`0x${position?.digest || '0'}`);
    this.#offset = position?.offset ?? 0;
    this.#after = position?.after;
    this.#rows = position?.rows ?? 0;
    this.#documents = position?.documents ?? 0;
    this.#groups = position?.groups ?? 0;
    this.#inFlight = position?.inFlight ?? 0;
    this.#outOfScope = position?.outOfScope ?? 0;
    this.#unnamed = position?.unnamed ?? 0;
  }

  /** Passes the lake's buckets on, and notes where each of them ends. */
  async *noting(buckets: AsyncGenerator<LakeBucket>): AsyncGenerator<LakeBucket> {
    for await (const bucket of buckets) {
      const { ms, next, unnamed } = bucket;
      this.#passed.push({ ms, next, unnamed });
      yield bucket;
    }
  }

  /** Compares the groups of one index time, later than all before. */
  add({ ms, lake, stored }: BucketPair): void {
    const seenBefore = this.#rows + this.#documents;
    let isUnequal = false;
    for (const whseid of new Set([...lake.keys(), ...stored.keys()])) {
      const [left, right] = [lake.get(whseid), stored.get(whseid)];
      if (!left && right && !this.#isInScope(whseid)) {
        this.#outOfScope += Number(right.rows);
        continue;
      }
      this.#count(whseid, left, right);
      const isAhead = left !== undefined && ms > this.#ceilingMs;
      if (isAhead) this.#inFlight += Number(left.rows);
      if (!(isAhead && !right) && !isEqualGroup(left, right)) isUnequal = true;
    }
    if (isUnequal) {
      addUnequal(this.#ranges, { ms, seenBefore, seenAfter: this.#rows + this.#documents });
    }
    this.#groups += lake.size;
    for (const line of linesOf(ms, lake)) this.#digest = addToDigest(this.#digest, line);
    const [first] = this.#passed;
    if (first && first.ms <= ms) {
      this.#passed.shift();
      this.#offset = first.next;
      this.#unnamed += first.unnamed;
    }
    this.#after = new Date(ms);
  }

  /** Rows behind the last bucket that no document can stand for. */
  addUnnamed(rows: number): void {
    this.#unnamed += rows;
  }

  /** Why the groups are not all that the listing states; undefined: they are. */
  contradiction(stated: ListingTotals | undefined): string | undefined {
    const rows = this.#rows + this.#unnamed;
    if (!stated) return rows === 0 ? undefined : 'the listing states no totals';
    return BigInt(rows) === stated.rows
      ? undefined
      : `the groups have ${rows} rows, and the listing states ${stated.rows}`;
  }

  /** As it is saved: the comparison goes on from there. */
  position(stated: ListingTotals | undefined): ListingPosition {
    return {
      offset: this.#offset,
      ...(this.#after && { after: this.#after }),
      rows: this.#rows,
      documents: this.#documents,
      groups: this.#groups,
      inFlight: this.#inFlight,
      outOfScope: this.#outOfScope,
      unnamed: this.#unnamed,
      ...(stated && { stated: { groups: stated.groups, rows: String(stated.rows) } }),
      digest: digestText(this.#digest),
      ranges: [...this.#ranges],
      warehouses: [...this.#warehouses.values()],
    };
  }

  #count(whseid: string, lake: Group | undefined, stored: Group | undefined): void {
    const counts = this.#warehouses.get(whseid) ?? { whseid, rows: 0, documents: 0 };
    const [rows, documents] = [Number(lake?.rows ?? 0n), Number(stored?.rows ?? 0n)];
    counts.rows += rows;
    counts.documents += documents;
    this.#warehouses.set(whseid, counts);
    this.#rows += rows;
    this.#documents += documents;
  }
}

function* linesOf(ms: number, groups: Bucket['groups']): Generator<string> {
  for (const [whseid, { rows, serials, serialSum }] of groups) {
    yield JSON.stringify([ms, whseid, String(rows), String(serials), String(serialSum)]);
  }
}
