import type { Difference, DifferenceKind } from '../../models/reconcile.js';
import type { Finding } from '../../store/differences.js';
import type { Step } from '../step.js';
import type { Candidate, Classified } from './candidate.js';
import { repairRows } from './repair.js';

/** Whether an interrupted worker has stored it as a difference, in this reading or a restarted one. */
export function wasKept(lastAskedAt: Date | undefined) {
  return ({ kind, lastSeenAt }: Difference) =>
    kind !== undefined && lastSeenAt.getTime() === lastAskedAt?.getTime();
}

const isNone = ({ found }: Classified) => found.kind === 'none' || found.kind === 'inFlight';

/** Stores what still differs, with the time of this reading. */
export async function keepFindings(
  { context, session }: Step,
  classified: readonly Classified[],
  {
    askedAt,
    isSound,
  }: { readonly askedAt: Date; readonly isSound: (candidate: Candidate) => boolean },
): Promise<void> {
  const open = classified.filter((one) => !isNone(one));
  const findings = open.map(({ candidate, found }): Finding => {
    const { key, stored } = candidate;
    const row = 'row' in found ? found.row : undefined;
    return {
      key,
      kind: found.kind as DifferenceKind,
      lakeModifiedAt: row && new Date(row.modifiedMs),
      storedModifiedAt: stored?.modifiedMs === undefined ? undefined : new Date(stored.modifiedMs),
      serialKey: stored ? String(stored.serialKey) : undefined,
      absentSince: found.kind === 'extra' && isSound(candidate) ? askedAt : undefined,
    };
  });
  await context.store.differences.confirm(session.job.tableId, findings, askedAt);
}

/**
 * Repairs what the run may repair, and closes what no longer differs.
 * @returns keys of documents that have been repaired, now or by an interrupted worker
 */
export async function repairAndResolve(
  step: Step,
  classified: readonly Classified[],
  { done, askedAt }: { readonly done: ReadonlyMap<string, Difference>; readonly askedAt: Date },
): Promise<ReadonlySet<string>> {
  const { context, session } = step;
  const { tableId, reconcile } = session.job;
  const { differences } = context.store;
  const none = classified.filter(isNone).map(({ candidate }) => candidate.key);
  if (!reconcile?.repair) {
    await differences.resolve(tableId, none, 'gone', askedAt);
    return new Set();
  }
  const repaired = new Set([
    ...none.filter((key) => done.has(key)),
    ...(await repairRows(step, classified, askedAt)),
  ]);
  await differences.resolve(tableId, [...repaired], 'repaired', askedAt);
  const gone = none.filter((key) => !repaired.has(key));
  await differences.resolve(tableId, gone, 'gone', askedAt);
  return repaired;
}

type Counts = Partial<Record<DifferenceKind, number>>;

export function addCounts(
  before: Counts = {},
  classified: readonly Classified[],
  done: ReadonlyMap<string, Difference>,
): Counts {
  const counts = { ...before };
  for (const { candidate, found } of classified) {
    const isOver = found.kind === 'none' || found.kind === 'inFlight';
    const kind = isOver ? done.get(candidate.key)?.kind : found.kind;
    if (kind) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
