/** Live rows of one warehouse with one index time, in whole milliseconds. */
export interface Group {
  readonly rows: bigint;
  /** Rows with an integer SERIALKEY, and their sum; undefined: not known. */
  readonly serials: bigint | undefined;
  readonly serialSum: bigint | undefined;
}

/** The groups of one index time (epoch milliseconds), by warehouse as exact text. */
export interface Bucket {
  readonly ms: number;
  readonly groups: ReadonlyMap<string, Group>;
}

export interface BucketPair {
  readonly ms: number;
  readonly lake: Bucket['groups'];
  readonly stored: Bucket['groups'];
}

const NONE: Bucket['groups'] = new Map();

/** Joins both sides by index time. Each must be in its order. */
export async function* joinBuckets(
  lake: AsyncIterator<Bucket>,
  stored: AsyncIterator<Bucket>,
): AsyncGenerator<BucketPair> {
  let [left, right] = [await lake.next(), await stored.next()];
  while (!left.done || !right.done) {
    const leftMs = left.done ? Number.POSITIVE_INFINITY : left.value.ms;
    const rightMs = right.done ? Number.POSITIVE_INFINITY : right.value.ms;
    const ms = Math.min(leftMs, rightMs);
    yield {
      ms,
      lake: leftMs === ms && !left.done ? left.value.groups : NONE,
      stored: rightMs === ms && !right.done ? right.value.groups : NONE,
    };
    if (leftMs === ms) left = await lake.next();
    if (rightMs === ms) right = await stored.next();
  }
}

/**
 * Whether both sides have the same keys in the same version. A group with a SERIALKEY that is
 * missing or no integer is never called equal by its sum.
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
