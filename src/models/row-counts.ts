/** What became of the rows that a run has read. Each count is a number of rows. */
export interface RowCounts {
  /** The sum of created, updated, unchanged, stale and rejected. */
  read: number;
  created: number;
  updated: number;
  /** The same version was stored already. */
  unchanged: number;
  /** What is stored is newer, or another row holds the key. */
  stale: number;
  /** Rows that could not be stored: each is an open entry among the rejects. */
  rejected: number;
  /** Of the others: rows that are stored without a value that could not be read. */
  unreadable: number;
  /** Of created and updated: rows that the lake marks as deleted. */
  deleted: number;
  /** Rows written a second time after a failure; unchanged where the first write had arrived. */
  replayed: number;
  /** Live rows that share their key with another live row. */
  collisions: number;
}

interface FieldNames {
  /** Among a job's `stats`. */
  readonly job: string;
  /** In an entry of the history; without one the count is not kept there. */
  readonly entry?: string;
  /** Among a table's totals, and in the answer of the statistics. */
  readonly totals?: string;
  /** What the earlier version calls the same total: it has only the counts with such a name. */
  readonly earlierTotal?: string;
}

/**
 * How each count is named where it is stored or answered, in the order of the answers. The names
 * of `job` and `entry` are also those of the earlier version, as far as it has the count.
 */
const COUNT_FIELDS = {
  read: {
    job: 'processedRecords',
    entry: 'recordsProcessed',
    totals: 'processed',
    earlierTotal: 'totalProcessed',
  },
  created: {
    job: 'insertedRecords',
    entry: 'recordsInserted',
    totals: 'inserted',
    earlierTotal: 'totalInserted',
  },
  updated: {
    job: 'updatedRecords',
    entry: 'recordsUpdated',
    totals: 'updated',
    earlierTotal: 'totalUpdated',
  },
  unchanged: { job: 'unchangedRecords', entry: 'recordsUnchanged', totals: 'unchanged' },
  stale: { job: 'staleRecords', entry: 'recordsStale', totals: 'stale' },
  rejected: {
    job: 'errorRecords',
    entry: 'recordsError',
    totals: 'error',
    earlierTotal: 'totalErrors',
  },
  unreadable: { job: 'unreadableRecords', entry: 'recordsUnreadable', totals: 'unreadable' },
  deleted: { job: 'deletedRecords', entry: 'recordsDeleted', totals: 'deleted' },
  replayed: { job: 'replayedRecords' },
  collisions: { job: 'collisions' },
} as const satisfies Record<keyof RowCounts, FieldNames>;

const COUNTS = Object.keys(COUNT_FIELDS) as (keyof RowCounts)[];

type Place = keyof FieldNames;
/** The names of each count that this place has. */
type NamesIn<P extends Place> = Extract<
  (typeof COUNT_FIELDS)[keyof RowCounts],
  Readonly<Record<P, string>>
>;

/** Something for each count of a place, by its name there: `recordsProcessed` in `entry`. */
export type CountFields<P extends Place, Value = number> = Record<NamesIn<P>[P], Value>;

/**
 * The fields of a place, in the order of the answers.
 * @param value given the count's names in all places, and the count itself
 */
export function countFields<P extends Place, Value>(
  place: P,
  value: (names: NamesIn<P>, count: keyof RowCounts) => Value,
): CountFields<P, Value> {
  const fields = COUNTS.flatMap((count) => {
    const names = COUNT_FIELDS[count];
    return isIn(place, names) ? [[names[place], value(names, count)]] : [];
  });
  // The entries are those of the place's names, which `fromEntries` doesn't say.
  return Object.fromEntries(fields) as CountFields<P, Value>;
}

function isIn<P extends Place>(place: P, names: FieldNames): names is NamesIn<P> {
  return place in names;
}

/** The names of the counts that the earlier version has as well. */
export const EARLIER_COUNTS = COUNTS.map((count) => COUNT_FIELDS[count]).filter((names) =>
  isIn('earlierTotal', names),
);

export function noRows(): RowCounts {
  return Object.fromEntries(COUNTS.map((count) => [count, 0])) as Record<keyof RowCounts, number>;
}

/** The sums by name. What `b` lacks adds nothing: a job that an earlier version began has fewer. */
export function addCounts<Name extends string>(
  a: Readonly<Record<Name, number>>,
  b: Readonly<Partial<Record<Name, number>>>,
): Record<Name, number> {
  const sum: Record<Name, number> = { ...a };
  for (const name of Object.keys(sum) as Name[]) sum[name] += b[name] ?? 0;
  return sum;
}
