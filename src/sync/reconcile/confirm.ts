import type { Row } from '../../datafabric/rows.js';
import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import { withOtherContent } from '../../rows/stored-content.js';
import { sourceOf } from '../query-scope.js';
import { rowsByKey } from '../rows-by-key.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import { type Candidate, type Classified, withVersions } from './candidate.js';
import { ceilingOf } from './certificate.js';
import { type Class, classify, type Evidence } from './classify.js';
import { controlRows, isAbsenceDoubtful, warehouseOf } from './control-rows.js';
import { reconcileOf, StepCost } from './cost.js';
import { withException } from './exceptions.js';
import { addCounts, keepFindings, repairAndResolve, wasKept } from './findings.js';

/** Candidates per query. */
const BATCH = 400;

/**
 * Reads the candidates once more on both sides, a few hundred at a time, in full and without a range:
 * only what still differs, and is not in flight, is a difference. Repairs what the run may repair;
 * documents without a row in the lake are left to `certify`.
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
  const controls = await controlRows(step, candidates);
  const asked = [...candidates, ...controls.values()].flatMap(({ lakeKey }) =>
    lakeKey ? [lakeKey] : [],
  );
  if (!job.probeQuery) cost.queries++;
  const before = job.probeQuery ? job.reconcile?.askedAt : undefined;
  const askedAt = before ?? (await context.store.jobs.findWithTime(job._id)).now;
  const rows =
    asked.length === 0
      ? []
      : await rowsByKey(step, sourceOf(job, table), asked, { 'reconcile.askedAt': askedAt });
  if (!rows) return 'pause';
  cost.pages++;
  cost.rowsRead += rows.length;

  const shown = shownRows(step, rows);
  const rejected = await openRejects(step, candidates);
  const ceilingMs = ceilingOf(job)?.getTime() ?? Number.NEGATIVE_INFINITY;
  const classified: Classified[] = candidates.map((candidate) => ({
    candidate,
    found: classOf(candidate, {
      ...(shown.get(candidate.key) ?? NOTHING),
      stored: candidate.stored,
      rejected: rejected.has(candidate.key),
      ceilingMs,
    }),
  }));
  if (reconcileOf(job).deep) await findContent(step, classified, shown);
  // If a reading lacks a control row, which is known to exist, it proves no other row's absence.
  const isSound = ({ key }: Candidate) => {
    const control = controls.get(warehouseOf(key));
    return !control || shown.has(control.key);
  };
  // Stored before the repair, so that a worker that resumes the job knows what has been done.
  await keepFindings(step, classified, { askedAt, isSound });
  const done = new Map(found.filter(wasKept(job.reconcile?.askedAt)).map((one) => [one.key, one]));
  const repaired = await repairAndResolve(step, classified, { done, askedAt });
  const isDoubtful = await isAbsenceDoubtful(
    step,
    candidates.filter(({ key, lakeKey }) => lakeKey && !shown.has(key)),
    { controls, isSound },
  );
  const [last] = found.slice(-1);
  await session.save({
    'reconcile.confirmedUpTo': last?.key,
    'reconcile.counts': addCounts(reconcileOf(job).counts, classified, done),
    'reconcile.repaired': (reconcileOf(job).repaired ?? 0) + repaired.size,
    ...(isDoubtful && withException(session.job, NOT_PROVEN)),
    probeQuery: undefined,
    ...cost.take(),
  });
  return 'next';
}

/** Marks documents in the right version that have other values as `content`; changes the list. */
async function findContent(
  { context, session }: Step,
  classified: Classified[],
  shown: ReadonlyMap<string, Shown>,
): Promise<void> {
  const same = classified.filter(({ found }) => found.kind === 'none');
  const rows = same.flatMap(({ candidate }) => {
    const [row, ...others] = shown.get(candidate.key)?.lake ?? [];
    return row && !row.deleted && others.length === 0 ? [row] : [];
  });
  const others = await withOtherContent(context.store.rows(session.job.tableId), rows);
  const byKey = new Map(others.map((row) => [row.id, row]));
  classified.forEach(({ candidate, found }, at) => {
    const row = byKey.get(candidate.key);
    if (row && found.kind === 'none')
      classified[at] = { candidate, found: { kind: 'content', row } };
  });
}

const NOT_PROVEN = {
  reason: 'absence_not_proven',
  message:
    'a reading lacked a row that is known to exist, or there was no such row to check it with: other rows that it lacked may exist, too',
};

/** The rows of a reading with one key. */
interface Shown {
  readonly lake: readonly DecodedRow[];
  readonly undecoded: readonly (number | undefined)[];
}

const NOTHING: Shown = { lake: [], undecoded: [] };

function shownRows({ session, table }: Step, rows: readonly Row[]): ReadonlyMap<string, Shown> {
  const { decode } = compileDecoder(table, writingOf(session.job));
  const shown = new Map<string, Shown>();
  for (const raw of rows) {
    const decoded = decode(raw);
    const key = decoded.ok ? decoded.row.id : decoded.reject.identity;
    const { lake, undecoded } = shown.get(key) ?? NOTHING;
    shown.set(
      key,
      decoded.ok
        ? { lake: [...lake, decoded.row], undecoded }
        : { lake, undecoded: [...undecoded, decoded.reject.modifiedMs] },
    );
  }
  return shown;
}

/** Keys of candidates that are kept as rejects. */
async function openRejects(
  { context, session }: Step,
  candidates: readonly Candidate[],
): Promise<ReadonlySet<string>> {
  const keys = candidates.map(({ key }) => key);
  const open = await context.store.rejects.findOpen(session.job.tableId, keys);
  return new Set(open.flatMap(({ identity, unreadable }) => (unreadable ? [] : identity)));
}

function classOf({ lakeKey }: Candidate, evidence: Evidence): Class {
  if (!lakeKey) return { kind: evidence.rejected ? 'rejected' : 'unasked' };
  const found = classify(evidence);
  // A query by the surrogate key alone doesn't find another row with the same business key.
  return found.kind === 'extra' && 'SERIALKEY' in lakeKey ? { kind: 'unasked' } : found;
}
