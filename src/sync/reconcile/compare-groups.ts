import type { Exact } from './exact-sum.js';

/** Live rows of one warehouse with one index time, in whole milliseconds. */
export interface Group {
  readonly rows: number;
  /** Rows with an integer SERIALKEY, and their sum; undefined: not known. */
  readonly serials: number | undefined;
  readonly serialSum: Exact | undefined;
}

/** The groups of one index time (epoch milliseconds), by warehouse as exact text. */
export interface Bucket {
  readonly ms: number;
  readonly groups: ReadonlyMap<string, Group>;
}

/** The buckets of both sides for one index time; at least one of them exists. */
export interface BucketPair<Lake extends Bucket, Stored extends Bucket> {
  readonly ms: number;
  readonly lake: Lake | undefined;
  readonly stored: Stored | undefined;
}

/**
 * Joins both sides by index time. Each side must be sorted by it. Buckets are read and yielded in
 * batches, since there may be as many as rows.
 */
export async function* joinBuckets<Lake extends Bucket, Stored extends Bucket>(
  lake: AsyncIterator<readonly Lake[]>,
  stored: AsyncIterator<readonly Stored[]>,
): AsyncGenerator<BucketPair<Lake, Stored>[]> {
  const [left, right] = [new Side(lake), new Side(stored)];
  while ((await Promise.all([left.fill(), right.fill()])).some(Boolean)) {
    const pairs: BucketPair<Lake, Stored>[] = [];
    while (left.isReady && right.isReady) {
      const ms = Math.min(left.ms, right.ms);
      if (ms === Number.POSITIVE_INFINITY) break;
      pairs.push({ ms, lake: left.takeAt(ms), stored: right.takeAt(ms) });
    }
    yield pairs;
  }
}

/** One side of the join, with the batch that it is reading. */
class Side<B extends Bucket> {
  readonly #source: AsyncIterator<readonly B[]>;
  #buckets: readonly B[] = [];
  #at = 0;
  #isOver = false;

  constructor(source: AsyncIterator<readonly B[]>) {
    this.#source = source;
  }

  /** Reads the next batch if the present one is used up. @returns false at the end of this side */
  async fill(): Promise<boolean> {
    while (!this.isReady) {
      const { done, value } = await this.#source.next();
      if (done) this.#isOver = true;
      else [this.#buckets, this.#at] = [value, 0];
    }
    return this.#at < this.#buckets.length;
  }

  /** Whether the next bucket is known, or that there is none. */
  get isReady(): boolean {
    return this.#isOver || this.#at < this.#buckets.length;
  }

  get ms(): number {
    return this.#buckets[this.#at]?.ms ?? Number.POSITIVE_INFINITY;
  }

  takeAt(ms: number): B | undefined {
    return this.ms === ms ? this.#buckets[this.#at++] : undefined;
  }
}

/**
 * Whether both sides have the same keys in the same version. A group with a SERIALKEY that is
 * missing or not an integer never counts as equal.
 */
export function isEqualGroup(lake: Group | undefined, stored: Group | undefined): boolean {
  if (!lake || !stored) return false;
  const { rows, serials, serialSum } = lake;
  return (
    rows === stored.rows &&
    serials === rows &&
    stored.serials === rows &&
    serialSum !== undefined &&
    serialSum === stored.serialSum
  );
}
