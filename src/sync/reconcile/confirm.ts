import type { DifferenceKind } from '../../models/reconcile.js';
import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import { keyParts } from '../../rows/key.js';
import { rejectKey } from '../../rows/reject-key.js';
import type { Finding } from '../../store/differences.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import { sourceOf } from '../query-scope.js';
import { rowsByKey } from '../rows-by-key.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import type { Candidate, Classified } from './candidate.js';
import { ceilingOf } from './certificate.js';
import { type Class, classify } from './classify.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { repairRows } from './repair.js';

/** Documents that one query asks about. */
const BATCH = 400;

/**
 * Reads the candidates once more on both sides, some hundred at a time, in full and without a range:
 * only what differs now, and isn't on its way, counts. Repairs what the run may repair; documents
 * without a row are left to `certify`.
 */
export async function confirm(step: Step): Promise<StepResult> {
  const { context, session, table } = step;
  const { job } = session;
  const { confirmedUpTo } = reconcileOf(job);
  const { differences } = context.store;
  const page = { after: confirmedUpTo, most: BATCH };
  const found = await differences.candidates(job.tableId, job._id, page);
  if (found.length === 0) {
    await session.save({ phase: 'certifying', probeQuery: undefined });
    return 'next';
  }
  const cost = new StepCost(step);
  const candidates = await withVersions(
    step,
    found.map(({ key }) => key),
  );
  const { controls, isComplete } = await controlRows(step, candidates);
  const asked = [...candidates, ...controls].flatMap(({ lakeKey }) => (lakeKey ? [lakeKey] : []));
  const { now: askedAt } = job.probeQuery
    ? { now: job.probeQuery.submittedAt }
    : await context.store.jobs.findWithTime(job._id);
  if (!job.probeQuery) cost.queries++;
  const rows = asked.length === 0 ? [] : await rowsByKey(step, sourceOf(job, table), asked);
  if (!rows) return 'pause';
  cost.pages++;
  cost.rowsRead += rows.length;

  const { decode } = compileDecoder(table, writingOf(job));
  const shown = new Map<string, DecodedRow[]>();
  const rejected = new Set<string>();
  for (const raw of rows) {
    const decoded = decode(raw);
    if (decoded.ok) shown.set(decoded.row.id, [...(shown.get(decoded.row.id) ?? []), decoded.row]);
    else rejected.add(decoded.reject.identity);
  }
  const open = await context.store.rejects.findOpen(
    job.tableId,
    candidates.map(({ key }) => key),
  );
  for (const { identity, unreadable } of open) if (!unreadable) rejected.add(identity);
  const ceilingMs = ceilingOf(job)?.getTime() ?? Number.NEGATIVE_INFINITY;
  // A reading that doesn't bring a row which is there says nothing of those it doesn't bring.
  const isSound = controls.every(({ key }) => shown.has(key));
  // Without a row to tell that by, only a reading that brings them all concludes nothing from absence.
  const isProven = isSound && (isComplete || candidates.every(({ key }) => shown.has(key)));
  const classified = candidates.map((candidate) => ({
    candidate,
    found: classOf(candidate, shown.get(candidate.key) ?? [], {
      rejected: rejected.has(candidate.key),
      ceilingMs,
    }),
  }));
  const repaired = reconcileOf(job).repair
    ? await repairRows(step, classified, askedAt)
    : new Set<string>();
  await keepFindings(step, classified, { repaired, askedAt, isSound });
  const [last] = found.slice(-1);
  await session.save({
    'reconcile.confirmedUpTo': last?.key,
    'reconcile.counts': addCounts(reconcileOf(job).counts, classified),
    'reconcile.repaired': (reconcileOf(job).repaired ?? 0) + repaired.size,
    ...(!isProven && !reconcileOf(job).confirms && withException(job, NOT_PROVEN)),
    probeQuery: undefined,

    ...cost.take(),
  });
  return 'next';
}

const NOT_PROVEN = {
  reason: 'absence_not_proven',
  message:
    'a reading left out a row that is known to be there, so the rows it did not bring may be there too',
};

function classOf(
  { stored, lakeKey }: Candidate,
  lake: readonly DecodedRow[],
  { rejected, ceilingMs }: { rejected: boolean; ceilingMs: number },
): Class {
  if (!lakeKey) return { kind: 'unasked' };
  return classify({ lake, stored, rejected, ceilingMs });
}

async function withVersions(step: Step, keys: readonly string[]): Promise<Candidate[]> {
  const { context, session, table } = step;
  const versions = await context.store.comparison(session.job.tableId).versions(keys);
  return keys.map((key) => candidateOf(table, key, versions.get(key)));
}

function candidateOf(
  table: Step['table'],
  key: string,
  stored: StoredVersion | undefined,
): Candidate {
  const parts = keyParts(key);
  const columns = ['WHSEID', ...table.key];
  const named = Object.fromEntries(columns.map((column, at) => [column, parts[at]]));
  const serial = stored?.serialKey ?? undefined;
  const raw = { ...named, ...(serial !== undefined && { SERIALKEY: String(serial) }) };
  const lakeKey = parts.length === columns.length ? rejectKey(table, raw) : undefined;
  return { key, stored, lakeKey };
}

/**
 * Of each warehouse of the candidates that are stored, a document that the groups have shown equal;
 * `isComplete`: there is one of each.
 */
async function controlRows(
  step: Step,
  candidates: readonly Candidate[],
): Promise<{ controls: Candidate[]; isComplete: boolean }> {
  const { context, session, table } = step;
  const { job } = session;
  const { position } = reconcileOf(job);
  const present = candidates.filter(({ stored }) => stored && !stored.deleted);
  const warehouses = [...new Set(present.map(({ key }) => keyParts(key)[0] ?? ''))];
  const comparison = context.store.comparison(job.tableId);
  const controls: Candidate[] = [];
  for (const whseid of warehouses) {
    const control = await comparison.findLiveOutside(whseid, position?.ranges ?? []);
    if (control) controls.push(candidateOf(table, control.key, control));
  }
  return { controls, isComplete: controls.length === warehouses.length };
}

async function keepFindings(
  { context, session }: Step,
  classified: readonly Classified[],
  {
    repaired,
    askedAt,
    isSound,
  }: { repaired: ReadonlySet<string>; askedAt: Date; isSound: boolean },
): Promise<void> {
  const { tableId } = session.job;
  const { differences } = context.store;
  const isNone = ({ found }: Classified) => found.kind === 'none' || found.kind === 'inFlight';
  const keysOf = (some: readonly Classified[]) => some.map(({ candidate }) => candidate.key);
  const open = classified.filter((one) => !isNone(one) && !repaired.has(one.candidate.key));
  const findings = open.map(({ candidate: { key, stored }, found }): Finding => {
    const row = 'row' in found ? found.row : undefined;
    return {
      key,
      kind: found.kind as DifferenceKind,
      lakeModifiedAt: row && new Date(row.modifiedMs),
      storedModifiedAt: stored?.modifiedMs === undefined ? undefined : new Date(stored.modifiedMs),
      serialKey: stored ? String(stored.serialKey) : undefined,
      absentSince: found.kind === 'extra' && isSound ? askedAt : undefined,
    };
  });
  await differences.confirm(tableId, findings, askedAt);
  await differences.resolve(tableId, [...repaired], 'repaired', askedAt);
  await differences.resolve(tableId, keysOf(classified.filter(isNone)), 'gone', askedAt);
}

type Counts = Partial<Record<DifferenceKind, number>>;

function addCounts(before: Counts = {}, classified: readonly Classified[]): Counts {
  const counts = { ...before };
  for (const { found } of classified) {
    if (found.kind === 'none' || found.kind === 'inFlight') continue;
    counts[found.kind] = (counts[found.kind] ?? 0) + 1;
  }
  return counts;
}
