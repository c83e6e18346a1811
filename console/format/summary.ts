import type { Overview, TableOverview } from '../state/shapes.js';

type Kind = TableOverview['verdict']['kind'];

/** A table that the sentence on top names, since it needs somebody. */
export interface Exception {
  readonly kind: Exclude<Kind, 'equal' | 'proven'>;
  readonly table: string;
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
  /** Exceptions that are not named. */
  readonly more: number;
}

const MOST_NAMED = 3;
/** What needs somebody most, first. */
const GRAVITY: readonly Kind[] = [
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
  const exceptions = head === 'nothing' ? [] : exceptionsOf(tables);
  return {
    ...{ head, good, equal, tables: tables.length },
    at: head === 'allEqual' || head === 'someEqual' ? equalAsOf : provenAsOf,
    exceptions: exceptions.slice(0, MOST_NAMED),
    more: Math.max(0, exceptions.length - MOST_NAMED),
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
  return tables
    .flatMap(({ verdict, tableName }) => {
      const { kind } = verdict;
      if (kind === 'equal' || kind === 'proven') return [];
      const counted = kind === 'held' ? verdict.deletes : 0;
      const count = kind === 'different' ? verdict.differences : counted;
      return [{ kind, table: tableName, count }];
    })
    .sort((a, b) => GRAVITY.indexOf(a.kind) - GRAVITY.indexOf(b.kind));
}
