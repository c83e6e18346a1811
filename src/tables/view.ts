type Stage = Readonly<Record<string, unknown>>;

/** A MongoDB view over a table's documents, which a frontend reads like a collection. */
export interface ViewDefinition {
  readonly name: string;
  /** The question that it answers, in the words of the warehouse. */
  readonly question: string;
  /** @param timeZone an IANA name: where the days of the warehouses begin */
  pipeline(timeZone: string): readonly Stage[];
}

/** What was deleted in the WMS stays as a document (`deleteMode: soft`, or until it expires). */
export const NOT_DELETED = { '_lake.deletedAt': { $exists: false } } as const;

/**
 * The sums over the lines of each header, as its field `lines`; absent where it has none. The keys of
 * headers are unique in their warehouse only.
 * @param lines collection, and the column that has the header's key in both
 * @param sums accumulators of `$group`
 */
export function withLines(
  { collection, key }: { readonly collection: string; readonly key: string },
  sums: Readonly<Record<string, unknown>>,
): readonly Stage[] {
  return [
    {
      $lookup: {
        from: collection,
        localField: key,
        foreignField: key,
        let: { warehouse: '$WHSEID' },
        pipeline: [
          { $match: { $expr: { $eq: ['$WHSEID', '$$warehouse'] }, ...NOT_DELETED } },
          { $group: { _id: null, ...sums } },
        ],
        as: 'lines',
      },
    },
    { $set: { lines: { $first: '$lines' } } },
  ];
}

/** `part` / `whole`; null where there is no whole. */
export function ratio(part: string, whole: string): Stage {
  return { $cond: [{ $gt: [whole, 0] }, { $divide: [part, whole] }, null] };
}

/** The day of a date column as text, e.g. `2026-11-29`, in the time zone; null without a date. */
export function localDay(date: string, timezone: string): Stage {
  return { $dateToString: { date, format: '%Y-%m-%d', timezone } };
}
