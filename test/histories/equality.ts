import type { mongo } from 'mongoose';
import { compareRow, expectedId } from '../../dev/compare/compare.js';
import type { Variation } from '../../dev/lake/index.js';
import type { JobScope } from '../../src/models/sync-job.js';
import type { Subject } from './subjects.js';

export interface Comparison {
  readonly subject: Subject;
  /** All variations of the object in the order in which they were added. */
  readonly variations: readonly Variation[];
  readonly documents: readonly mongo.Document[];
  /** Undefined: all of them. */
  readonly whseids: readonly string[] | undefined;
  /** Only live rows that were added then; undefined: all rows. */
  readonly added: JobScope['date'] | undefined;
  /** Variations that there were when the run's query read the lake: later ones are not its own. */
  readonly versions: number;
  /** What the run covers, epoch milliseconds. */
  readonly ceiling: number;
  /** MongoDB's time before the run; a lake whose clock is ahead has later index times. */
  readonly asOf: number;
  /** An incremental run's lower bound, which index times that went back can be below. */
  readonly from: number | undefined;
  /** Business keys that can't be compared for now. */
  readonly uncertain: ReadonlySet<string>;
  /** Whether the run went by the object's delete flag. */
  readonly deletesTold: boolean;
  /** Whether every delete that the lake shows must have left its mark. */
  readonly everyDelete: boolean;
}

/** A record's highest variation. */
interface Highest extends Variation {
  readonly version: number;
  /** Whether it says its business key. */
  readonly isNamed: boolean;
  /** Whether an earlier variation of the record was indexed later. */
  readonly wentBack: boolean;
}

/**
 * What differs between MongoDB and the lake: every key whose highest variation the run could
 * see has exactly the lake's values, or is gone or marked where it is deleted.
 */
export function differences(comparison: Comparison): string[] {
  const { subject, documents, added } = comparison;
  const stored = new Map(documents.map((document) => [String(document._id), document]));
  return [...highestById(comparison)].flatMap(([id, records]) => {
    if (!isComparable(comparison, records)) return [];
    const live = records.filter(({ deleted }) => !deleted);
    const document = stored.get(id);
    if (added && (live.length === 0 || !live.every(isAddedIn(added)))) return [];
    if (live.length === 0) return ofDeleted(comparison, id, records, document);
    if (!document) return [`${id}: missing`];
    // Two live records with one key: whichever it is, it has to be one of them.
    const each = live.map(({ values, lastModified }) =>
      compareRow(subject.table, id, values, lastModified, document),
    );
    return each.some((found) => found.length === 0) ? [] : (each[0] ?? []);
  });
}

/** Documents that no record of the lake, live or deleted, has ever been. */
export function strangers(comparison: Pick<Comparison, 'subject' | 'variations' | 'documents'>) {
  const known = highestById(comparison);
  return comparison.documents.map(({ _id }) => String(_id)).filter((id) => !known.has(id));
}

/** How many keys are used by several records at once, or have been since they were told apart. */
export function sharedKeys(comparison: Pick<Comparison, 'subject' | 'variations'>) {
  const records = [...highestById(comparison).values()];
  const living = (record: Highest[]) => record.filter(({ deleted }) => !deleted).length;
  return {
    collisions: records.filter((record) => living(record) > 1).length,
    reusedAndDeleted: records.filter((record) => record.length > 1 && living(record) === 0).length,
  };
}

/** Whether there is a record whose last variation was indexed before an earlier one. */
export function timesWentBack(comparison: Pick<Comparison, 'subject' | 'variations'>): boolean {
  return [...highestById(comparison).values()].flat().some(({ wentBack }) => wentBack);
}

export function highestById({ subject, variations }: Pick<Comparison, 'subject' | 'variations'>) {
  const ids = new Map<string, Highest[]>();
  const named = new Map<string, string>();
  const newest = new Map<string, string>();
  const keyColumn = subject.table.key[0] ?? '';
  for (const [version, variation] of variations.entries()) {
    const { values, highest, lastModified } = variation;
    const surrogate = `${values.WHSEID}|${values.SERIALKEY}`;
    const isNamed = keyColumn in values;
    const id = isNamed ? expectedId(subject.table, values) : (named.get(surrogate) ?? '');
    named.set(surrogate, id);
    const before = newest.get(surrogate) ?? '';
    const wentBack = lastModified < before;
    if (!wentBack) newest.set(surrogate, lastModified);
    if (!highest) continue;
    ids.set(id, [...(ids.get(id) ?? []), { ...variation, version, isNamed, wentBack }]);
  }
  return ids;
}

function isComparable(comparison: Comparison, records: readonly Highest[]): boolean {
  const { subject, whseids, versions, ceiling, asOf, from = 0, uncertain } = comparison;
  const keyColumn = subject.table.key[0] ?? '';
  // Only deletes that are told tell apart who has a key, where that can be several.
  if (subject.flagged && !comparison.deletesTold && records.length > 1) return false;
  // And a delete gives way to another record's row only once MongoDB's clock has reached it.
  const isAhead = ({ deleted, lastModified }: Highest) =>
    deleted && Date.parse(lastModified) > asOf;
  if (records.length > 1 && records.some(isAhead)) return false;
  return records.every(
    ({ values, version, lastModified, wentBack }) =>
      (whseids === undefined || whseids.includes(values.WHSEID ?? '')) &&
      version < versions &&
      Date.parse(lastModified) <= ceiling &&
      !(wentBack && Date.parse(lastModified) < from) &&
      !uncertain.has(values[keyColumn] ?? ''),
  );
}

function isAddedIn({ from, until }: NonNullable<JobScope['date']>) {
  return ({ values }: Highest): boolean => {
    const added = Date.parse(values.ADDDATE ?? '');
    return added >= (from?.getTime() ?? -Infinity) && added < (until?.getTime() ?? Infinity);
  };
}

/**
 * Of an object without delete flag a deleted record is not seen any more: what is stored of
 * it stays until runs reconcile keys.
 */
function ofDeleted(
  { subject, deletesTold, everyDelete }: Comparison,
  id: string,
  records: readonly Highest[],
  document: mongo.Document | undefined,
): string[] {
  if (!subject.flagged || !deletesTold) return [];
  // A delete that does not say which business key is gone is a reject: what it means stays live.
  if (records.some(({ isNamed }) => !isNamed)) return [];
  if (!document) return everyDelete ? [`${id}: nothing says that it was deleted`] : [];
  const { deletedAt, modifiedAt } = document._lake;
  if (!(deletedAt instanceof Date)) return [`${id}: live, but deleted in the lake`];
  const mark = [deletedAt.toISOString(), modifiedAt.toISOString(), serialOf(document)].join();
  const marks = records.map(({ lastModified, values }) =>
    [lastModified, lastModified, values.SERIALKEY ?? serialOf(document)].join(),
  );
  return marks.includes(mark) ? [] : [`${id}: ${mark} instead of ${marks.join(' or ')}`];
}

function serialOf(document: mongo.Document): string {
  return String(document.SERIALKEY);
}
