import {
  GroupReader,
  type LakeGroup,
  type ListingTotals,
} from '../../datafabric/listing-groups.js';
import type { Row } from '../../datafabric/rows.js';
import { epochMsFloor } from '../../rows/date.js';
import type { Step } from '../step.js';
import { ahead } from './ahead.js';
import type { Bucket, Group } from './compare-groups.js';
import type { StepCost } from './cost.js';
import { addExact } from './exact-sum.js';
import { resultPages } from './result-stream.js';

/** The listing contradicts itself: nothing can be concluded from it. */
export class ContradictoryListing extends Error {}

export interface LakeBucket extends Bucket {
  /** Offset in the listing of the first group after this bucket. */
  readonly next: number;
  /** Rows without warehouse or index time listed between the previous bucket and that offset. */
  readonly unnamed: number;
}

/** What the listing states besides its groups; filled while it is read. */
export interface ListingFacts {
  totals: ListingTotals | undefined;
  /** Rows without warehouse or index time after the last bucket; known once all is read. */
  unnamed: number;
}

/** Buckets per batch: few enough that V8 frees them young; those of a whole page would be promoted. */
const TOGETHER = 1_000;

/**
 * The groups of a listing in buckets of one millisecond, in batches. The lake may keep finer times,
 * and its order of the warehouses is not defined.
 * @param from offset of the first group
 * @throws ContradictoryListing; AppError as `readPage` does
 */
export async function* lakeBuckets(
  step: Step,
  queryId: string,
  from: number,
  facts: ListingFacts,
  cost: StepCost,
): AsyncGenerator<readonly LakeBucket[]> {
  const reader = new GroupReader();
  const groupsStated = ([first]: readonly Row[]) => {
    facts.totals ??= first && reader.read(first)?.totals;
    if (!facts.totals) throw new ContradictoryListing('a group states no totals');
    return facts.totals.groups;
  };
  const known = { total: facts.totals?.groups };
  let current: OpenBucket | undefined;
  let unnamed = 0;
  const pages = ahead(resultPages(step, queryId, from, groupsStated, known));
  for await (const { rows, offset } of pages) {
    cost.pages++;
    cost.rowsRead += rows.length;
    let buckets: LakeBucket[] = [];
    for (const [at, row] of rows.entries()) {
      const listed = reader.read(row);
      if (!listed) throw new ContradictoryListing('a group lacks its count or totals');
      facts.totals ??= listed.totals;
      if (!isSameTotals(facts.totals, listed.totals)) {
        throw new ContradictoryListing('the groups state different totals');
      }
      const { group } = listed;
      const ms = group.modified === undefined ? undefined : epochMsFloor(group.modified);
      if (typeof ms !== 'number' || group.whseid === undefined) {
        unnamed += group.rows;
        continue;
      }
      if (current && ms < current.ms) {
        throw new ContradictoryListing(`the listing goes back in time at group ${offset + at}`);
      }
      if (ms !== current?.ms) {
        if (current) buckets.push(current);
        if (buckets.length >= TOGETHER) {
          yield buckets;
          buckets = [];
        }
        current = { ms, groups: new Map(), next: 0, unnamed: 0 };
      }
      current.groups.set(group.whseid, together(current.groups.get(group.whseid), group));
      current.next = offset + at + 1;
      current.unnamed += unnamed;
      unnamed = 0;
    }
    yield buckets;
  }
  facts.unnamed = unnamed;
  if (current) yield [current];
}

/** A bucket to which the next group may still belong. */
interface OpenBucket extends LakeBucket {
  readonly groups: Map<string, Group>;
  next: number;
  unnamed: number;
}

function isSameTotals(a: ListingTotals, b: ListingTotals): boolean {
  return a === b || (a.groups === b.groups && a.rows === b.rows);
}

function together(before: Group | undefined, { rows, serials, serialSum }: LakeGroup): Group {
  const sum = serialSum ?? (serials === 0 ? 0 : undefined);
  if (!before) return { rows, serials, serialSum: sum };
  return {
    rows: before.rows + rows,
    serials:
      before.serials === undefined || serials === undefined ? undefined : before.serials + serials,
    serialSum: addExact(before.serialSum, sum),
  };
}
