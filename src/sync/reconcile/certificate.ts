import type {
  Certificate,
  DifferenceKind,
  Reconcile,
  ReconcileException,
  ReconcileVerdict,
} from '../../models/reconcile.js';
import type { SyncJob } from '../../models/sync-job.js';

/** What a certificate needs besides the job. */
export interface Outcome {
  /** Open differences of the table. */
  readonly remaining: number;
  /** Deletes that wait for a confirmation. */
  readonly held: number;
  readonly deleted: number;
  readonly foreign: number;
  readonly unreadable: number;
  readonly endedAt: Date;
}

/** Exceptions after which a comparison is incomplete. */
const BROKEN_OFF: readonly string[] = [
  'listing_refused',
  'listing_contradictory',
  'comparison_failed',
  'run_not_complete',
  'list_not_held',
];

/** Exceptions that leave open whether both sides are equal. */
const UNPROVEN = new Set([
  ...BROKEN_OFF,
  'list_only',
  'listing_empty',
  'too_many_differences',
  'too_many_rows',
  'absence_not_proven',
  'unasked',
]);

const LIST_ONLY = {
  reason: 'list_only',
  message: 'the run has checked only the documents of a confirmed list of deletes',
};

/** Makes a run's certificate. Pure. */
export function certificateOf(job: SyncJob, reconcile: Reconcile, outcome: Outcome): Certificate {
  const { position, asOf, cost, exceptions = [], repaired = 0 } = reconcile;
  const { foreign, unreadable, deleted, held, endedAt } = outcome;
  const found = (kind: DifferenceKind) => reconcile.counts?.[kind] ?? 0;
  const counts = {
    missing: found('missing'),
    stale: found('stale'),
    newer: found('newer'),
    extra: found('extra'),
    content: found('content'),
    collision: found('collision'),
    foreign: Math.max(foreign, found('foreign')),
    rejected: found('rejected'),
    outOfScope: position?.outOfScope ?? 0,
    inFlight: position?.inFlight ?? 0,
    unreadable,
  };
  const rows = position?.rows ?? 0;
  const inLakeOnly =
    counts.missing + counts.stale + counts.newer + counts.content + found('foreign');
  const unnamed = position?.unnamed ?? 0;
  const all: ReconcileException[] = [
    ...exceptions,
    ...(reconcile.confirms === undefined ? [] : [LIST_ONLY]),
    ...(found('unasked') > 0
      ? [{ reason: 'unasked', message: 'keys that no query can contain', count: found('unasked') }]
      : []),
    ...(unnamed > 0
      ? [
          {
            reason: 'unnamed_rows',
            message: 'rows without warehouse or index time, to which no document can correspond',
            count: unnamed,
          },
        ]
      : []),
  ];
  // Most foreign documents have no key of a lake row, so they are not among the open differences.
  const remaining = outcome.remaining + counts.foreign - found('foreign');
  const changed = repaired + deleted;
  const isLess = remaining + unreadable + unnamed > 0;
  return {
    _id: job._id,
    tableId: job.tableId,
    asOf: asOf ?? endedAt,
    ceiling: ceilingOf(job) ?? null,
    scope: { whseids: job.scope.whseids ?? null },
    rows,
    documents: position?.documents ?? 0,
    equal: Math.max(0, rows - counts.inFlight - inLakeOnly - counts.collision - counts.rejected),
    counts,
    repaired: changed,
    remaining,
    held,
    digest: position?.digest ?? '',
    exceptions: all,
    verdict: verdictOf(all, { isLess, changed }),
    cost: {
      queries: cost.queries,
      pages: cost.pages,
      rowsRead: cost.rowsRead,
      functionSeconds: Math.round(cost.workMs / 100) / 10,
    },
    endedAt,
  };
}

export function isBrokenOff(exceptions: readonly ReconcileException[]): boolean {
  return exceptions.some(({ reason }) => BROKEN_OFF.includes(reason));
}

/** Whether an exception leaves open if both sides are equal, or if a row is really gone. */
export function isUnproven(exceptions: readonly ReconcileException[]): boolean {
  return exceptions.some(({ reason }) => UNPROVEN.has(reason));
}

function verdictOf(
  exceptions: readonly ReconcileException[],
  { isLess, changed }: { isLess: boolean; changed: number },
): ReconcileVerdict {
  if (isUnproven(exceptions)) return 'unproven';
  if (isLess) return 'different';
  return changed > 0 ? 'repaired' : 'equal';
}

/** The newest index time that the run has read; undefined: the object has never had a row. */
export function ceilingOf({ range, watermarkBefore, reconcile }: SyncJob): Date | undefined {
  return range.ceiling ?? reconcile?.ceiling ?? watermarkBefore;
}
