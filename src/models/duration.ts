/** A record of a run, or a job's counts, of whichever version. */
interface Timed {
  readonly durationMs?: unknown;
  /** Of stored records only. Milliseconds, unless the record is of the earlier version. */
  readonly duration?: unknown;
  /** `s`: the record was adopted from the earlier version, and its `duration` is in seconds. */
  readonly durationUnit?: unknown;
}

/** @returns how long a run took, in milliseconds; undefined where the record doesn't say */
export function durationMsOf(
  { durationMs, duration, durationUnit }: Timed,
  isEarlier: boolean,
): number | undefined {
  const ms = amountOf(durationMs);
  if (ms !== undefined) return ms;
  const amount = amountOf(duration);
  if (amount === undefined) return undefined;
  return isEarlier || durationUnit === 's' ? millisecondsOf(amount) : amount;
}

/** As an answer shows it: `duration` in seconds, with fractions. */
export function durationView(ms: number | undefined) {
  return ms === undefined ? {} : { duration: ms / 1000, durationMs: ms };
}

export function millisecondsOf(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** A number, or the digits of one. */
function amountOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^\d{1,15}(\.\d{1,15})?$/.test(value)
    ? Number(value)
    : undefined;
}

type Marks<Name extends string> =
  | { readonly [Key in Name | '__v']?: unknown }
  | Readonly<Record<string, unknown>>;

/**
 * Whether Mongoose has written the record, as the earlier version did: this backend writes
 * history entries without its version key, and with a count of unchanged rows.
 */
export function isEarlierEntry(entry: Marks<'recordsUnchanged'>): boolean {
  return entry.recordsUnchanged === undefined || entry.__v !== undefined;
}

/**
 * Whether a job's duration is in seconds: it has its phase since, and no version key. An adoption
 * once gave a job without a duration the one between its times, in milliseconds.
 */
export function isJobInSeconds(
  job: Marks<'phase'>,
  stats: { readonly startTime?: unknown; readonly endTime?: unknown; readonly duration?: unknown },
): boolean {
  const isEarlier = job.phase === undefined || job.__v !== undefined;
  return isEarlier && stats.duration !== Number(stats.endTime) - Number(stats.startTime);
}

/** The same as an aggregation expression over history entries: milliseconds, or null. */
export const DURATION_MS = {
  $cond: [
    { $isNumber: '$durationMs' },
    '$durationMs',
    {
      $cond: [
        { $not: { $isNumber: '$duration' } },
        null,
        {
          $cond: [
            {
              $and: [
                { $ne: [{ $type: '$recordsUnchanged' }, 'missing'] },
                { $eq: [{ $type: '$__v' }, 'missing'] },
              ],
            },
            '$duration',
            // As `Math.round` does; `$round` takes halves to the even number.
            { $floor: { $add: [{ $multiply: ['$duration', 1000] }, 0.5] } },
          ],
        },
      ],
    },
  ],
};
