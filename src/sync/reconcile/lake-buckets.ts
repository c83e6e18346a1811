import {
  type LakeGroup,
  type ListingTotals,
  readListedGroup,
} from '../../datafabric/listing-groups.js';
import type { Row } from '../../datafabric/rows.js';
import { epochMsFloor } from '../../rows/date.js';
import type { Step } from '../step.js';
import type { Bucket, Group } from './compare-groups.js';
import type { StepCost } from './cost.js';
import { resultPages } from './result-stream.js';

/** The listing contradicts itself: nothing can be concluded from it. */
export class ContradictoryListing extends Error {}

export interface LakeBucket extends Bucket {
  /** Offset in the listing of the first group that comes after it. */
  readonly next: number;
  /** Rows without warehouse or index time that are listed before that, and after the last bucket. */
  readonly unnamed: number;
}

/** What the listing says beside its groups; filled while it is read. */
export interface ListingFacts {
  totals: ListingTotals | undefined;
  /** Rows without warehouse or index time behind the last bucket. */
  unnamed: number;
}

/**
 * The groups of a listing, those of one millisecond together. The lake may keep finer times, and
 * sorts warehouses in an order of its own.
 * @param from offset of the first group
 * @throws ContradictoryListing; AppError as `readPage` does
 */
export async function* lakeBuckets(
  step: Step,
  queryId: string,
  from: number,
  facts: ListingFacts,
  cost: StepCost,
): AsyncGenerator<LakeBucket> {
  let current: { ms: number; groups: Map<string, Group> } | undefined;
  let next = from;
  let unnamed = 0;
  const groupsStated = ([first]: readonly Row[]) => {
    facts.totals ??= first && readListedGroup(first)?.totals;
    if (!facts.totals) throw new ContradictoryListing('a group states no totals');
    return facts.totals.groups;
  };
  const known = { total: facts.totals?.groups };
  for await (const { rows, offset } of resultPages(step, queryId, from, groupsStated, known)) {
    cost.pages++;
    cost.rowsRead += rows.length;
    for (const [at, row] of rows.entries()) {
      const listed = readListedGroup(row);
      if (!listed) throw new ContradictoryListing('a group does not say what it is of');
      checkTotals(facts.totals, listed.totals);
      const { group } = listed;
      const ms = group.modified === undefined ? undefined : epochMsFloor(group.modified);
      if (typeof ms !== 'number' || group.whseid === undefined) {
        facts.unnamed += Number(group.rows);
        continue;
      }
      if (current && ms < current.ms) {
        throw new ContradictoryListing(`the listing goes back in time at group ${offset + at}`);
      }
      if (current && ms > current.ms) {
        yield { ...current, next, unnamed };
        current = undefined;
        unnamed = 0;
      }
      current ??= { ms, groups: new Map() };
      current.groups.set(group.whseid, together(current.groups.get(group.whseid), group));
      next = offset + at + 1;
      unnamed += facts.unnamed;
      facts.unnamed = 0;
    }
  }
  if (current) yield { ...current, next, unnamed };
}

function checkTotals(known: ListingTotals | undefined, stated: ListingTotals): void {
  if (!known || (known.groups === stated.groups && known.rows === stated.rows)) return;
  throw new ContradictoryListing('the groups state different totals');
}

function together(before: Group | undefined, group: LakeGroup): Group {
  const { rows, serials, serialSum } = group;
  if (!before) return { rows, serials, serialSum: serialSum ?? (serials === 0n ? 0n : undefined) };
  return {
    rows: before.rows + rows,
    serials: sum(before.serials, serials),
    serialSum: sum(before.serialSum, serialSum),
  };
}

function sum(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
