import type { Overview, TableOverview } from '../state/shapes.js';
import { shorten } from './shorten.js';

type Kind = TableOverview['verdict']['kind'];

/** Tables that the sentence on top names, since they need somebody; those that are counted, one by one. */
export interface Exception {
  readonly kind: Exclude<Kind, 'equal' | 'proven'>;
  readonly tables: readonly string[];
  /** Of differences or deletes. */
  readonly count: number;
}

export interface Summary {
  readonly head:
    | 'allEqual'
    | 'someEqual'
    | 'allProven'
    | 'allGood'
    | 'someGood'
    | 'noneGood'
    | 'nothing';
  /** Tables that are equal or proven, those that are equal, and all. */
  readonly good: number;
  readonly equal: number;
  readonly tables: number;
  /** The time that the head is about. */
  readonly at: string | null;
  readonly exceptions: readonly Exception[];
}

/** What needs somebody most, first. */
const GRAVITY: readonly Exception['kind'][] = [
  ...(['failing', 'held', 'different', 'behind'] as const),
  ...(['paused', 'never_run', 'not_configured'] as const),
];

/** Whether MongoDB can be trusted, in a sentence, and what stands against it. */
export function summaryOf({ summary, tables }: Overview): Summary {
  const { verdicts, equalAsOf, provenAsOf } = summary;
  const equal = verdicts.equal ?? 0;
  const good = equal + (verdicts.proven ?? 0);
  const untouched = (verdicts.never_run ?? 0) + (verdicts.not_configured ?? 0);
  const head = headOf({ equal, good, all: tables.length, untouched });
  return {
    ...{ head, good, equal, tables: tables.length },
    at: head === 'allEqual' || head === 'someEqual' ? equalAsOf : provenAsOf,
    exceptions: head === 'nothing' ? [] : exceptionsOf(tables),
  };
}

function headOf({
  equal,
  good,
  all,
  untouched,
}: Record<'equal' | 'good' | 'all' | 'untouched', number>): Summary['head'] {
  if (untouched === all) return 'nothing';
  if (good === 0) return 'noneGood';
  if (equal === all) return 'allEqual';
  if (good === all) return equal === 0 ? 'allProven' : 'allGood';
  return equal === good ? 'someEqual' : 'someGood';
}

function exceptionsOf(tables: readonly TableOverview[]): Exception[] {
  const exceptions: Exception[] = [];
  for (const kind of GRAVITY) {
    const these = tables.filter(({ verdict }) => verdict.kind === kind);
    if (kind === 'held' || kind === 'different') {
      exceptions.push(
        ...these.map(({ tableName, verdict }) => ({
          ...{ kind, tables: [shorten(tableName)], count: countOf(verdict) },
        })),
      );
    } else if (these.length > 0) {
      exceptions.push({ kind, tables: these.map(({ tableName }) => shorten(tableName)), count: 0 });
    }
  }
  return exceptions;
}

function countOf(verdict: TableOverview['verdict']): number {
  if (verdict.kind === 'held') return verdict.deletes;
  return verdict.kind === 'different' ? verdict.differences : 0;
}
