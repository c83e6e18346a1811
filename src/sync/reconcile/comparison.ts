import type { ListingTotals } from '../../datafabric/listing-groups.js';
import type { ListingPosition, UnequalRange, WarehouseCounts } from '../../models/reconcile.js';
import { type Bucket, type BucketPair, type Group, isEqualGroup } from './compare-groups.js';
import { addToDigest } from './group-hash.js';
import { scopeTest } from './in-scope.js';
import type { LakeBucket } from './lake-buckets.js';
import type { StoredBucket } from './stored-buckets.js';
import { addUnequal } from './unequal-ranges.js';

/** The comparison of a listing so far: its position, its counts and the ranges that differ. */
export class Comparison {
  readonly #isInScope: (whseid: string) => boolean;
  readonly #ceilingMs: number;
  readonly #warehouses: Map<string, WarehouseCounts>;
  readonly #ranges: UnequalRange[];
  #digest: string;
  #offset: number;
  #after: Date | undefined;
  #rows: number;
  #documents: number;
  #groups: number;
  #inFlight: number;
  #outOfScope: number;
  #unnamed: number;
  readonly #oddities: ListingPosition['oddities'];

  /**
   * @param position where it was interrupted; undefined: from the beginning
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
    this.#digest = position?.digest ?? '';
    this.#offset = position?.offset ?? 0;
    this.#after = position?.after;
    this.#rows = position?.rows ?? 0;
    this.#documents = position?.documents ?? 0;
    this.#groups = position?.groups ?? 0;
    this.#inFlight = position?.inFlight ?? 0;
    this.#outOfScope = position?.outOfScope ?? 0;
    this.#unnamed = position?.unnamed ?? 0;
    const oddities = position ? position.oddities : { foreign: 0, unreadable: 0 };
    this.#oddities = oddities && { ...oddities };
  }

  /** Compares the groups of one index time, later than all before. */
  add({ ms, lake, stored }: BucketPair<LakeBucket, StoredBucket>): void {
    const seenBefore = this.#rows + this.#documents;
    const [left, right] = [lake?.groups ?? NONE, stored?.groups ?? NONE];
    let isUnequal = false;
    for (const [whseid, group] of left) {
      if (!this.#isEqual(ms, whseid, group, right.get(whseid))) isUnequal = true;
    }
    for (const [whseid, group] of right) {
      if (left.has(whseid)) continue;
      if (!this.#isInScope(whseid)) this.#outOfScope += group.rows;
      else if (!this.#isEqual(ms, whseid, undefined, group)) isUnequal = true;
    }
    if (isUnequal) {
      addUnequal(this.#ranges, { ms, seenBefore, seenAfter: this.#rows + this.#documents });
    }
    if (lake) {
      this.#groups += left.size;
      this.#digest = addToDigest(this.#digest, textOf(lake));
      this.#offset = lake.next;
      this.#unnamed += lake.unnamed;
    }
    if (stored && this.#oddities) this.#oddities.unreadable += stored.unreadable;
    this.#after = new Date(ms);
  }

  addForeign(documents: number): void {
    if (this.#oddities) this.#oddities.foreign += documents;
  }

  /** Adds rows after the last bucket that no document can correspond to. */
  addUnnamed(rows: number): void {
    this.#unnamed += rows;
  }

  /** Why the groups contradict the totals that the listing states; undefined: they agree. */
  contradiction(stated: ListingTotals | undefined): string | undefined {
    const rows = this.#rows + this.#unnamed;
    if (!stated) return rows === 0 ? undefined : 'the listing states no totals';
    return BigInt(rows) === stated.rows
      ? undefined
      : `the groups have ${rows} rows, and the listing states ${stated.rows}`;
  }

  /** The position as it is saved, from which the comparison can continue. */
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
      ...(this.#oddities && { oddities: { ...this.#oddities } }),
      digest: this.#digest,
      ranges: [...this.#ranges],
      warehouses: [...this.#warehouses.values()],
    };
  }

  /** Counts a group of both sides. @returns whether it needs no closer comparison */
  #isEqual(ms: number, whseid: string, lake: Group | undefined, stored: Group | undefined) {
    const [rows, documents] = [lake?.rows ?? 0, stored?.rows ?? 0];
    const counts = this.#countsOf(whseid);
    counts.rows += rows;
    counts.documents += documents;
    this.#rows += rows;
    this.#documents += documents;
    const isAhead = lake !== undefined && ms > this.#ceilingMs;
    if (isAhead) this.#inFlight += rows;
    return (isAhead && !stored) || isEqualGroup(lake, stored);
  }

  #countsOf(whseid: string): WarehouseCounts {
    const known = this.#warehouses.get(whseid);
    if (known) return known;
    const counts = { whseid, rows: 0, documents: 0 };
    this.#warehouses.set(whseid, counts);
    return counts;
  }
}

const NONE: Bucket['groups'] = new Map();

/** Sorted, since the lake's order of the warehouses of one index time may differ. */
function textOf({ ms, groups }: Bucket): string {
  const lines = Array.from(
    groups,
    ([whseid, { rows, serials, serialSum }]) =>
      `${JSON.stringify(whseid)} ${rows} ${serials} ${serialSum}\n`,
  );
  return `${ms}\n${lines.length > 1 ? lines.sort().join('') : lines[0]}`;
}
