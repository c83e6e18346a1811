import { Schema } from 'mongoose';

/** What the work on a table's runs has used. */
export interface Usage {
  /** Milliseconds of function time: from the start to the end of each slice. */
  functionMs: number;
  /** Slices of runs; each is about one request to a function. */
  slices: number;
  /** Queries that were submitted to the lake. */
  lakeQueries: number;
  /** Slices that ended since another worker had taken their lease, or the run was canceled. */
  leasesLost: number;
}

export const NO_USAGE: Usage = { functionMs: 0, slices: 0, lakeQueries: 0, leasesLost: 0 };
export const USAGE_NAMES = Object.keys(NO_USAGE) as (keyof Usage)[];

/** The sum; a count that a stored document lacks is 0. */
export function addUsage(a: Partial<Usage>, b: Partial<Usage>): Usage {
  const sum = (name: keyof Usage) => (a[name] ?? 0) + (b[name] ?? 0);
  return Object.fromEntries(USAGE_NAMES.map((name) => [name, sum(name)])) as Record<
    keyof Usage,
    number
  >;
}

/** The usage of one table: of one day, or the total. Or, of the site, how many tokens it got. */
export interface StoredUsage extends Partial<Usage> {
  /** `tableId`, or `tableId|2026-01-31`; `*` of the site. */
  _id: string;
  tableId: string;
  /** The beginning of the day, UTC; absent from the total. */
  day?: Date;
  /** Access tokens that ION has issued; of the site only. */
  tokens?: number;
}

const KEEP_DAYS = 400;

export const usageSchema = new Schema<StoredUsage>(
  {
    _id: String,
    tableId: { type: String, required: true },
    day: Date,
    functionMs: Number,
    slices: Number,
    lakeQueries: Number,
    leasesLost: Number,
    tokens: Number,
  },
  { collection: 'syncusages', versionKey: false },
);
usageSchema.index(
  { day: 1 },
  { name: 'usage_of_days_expires', expireAfterSeconds: KEEP_DAYS * 86_400 },
);
