import type { Row } from '../../datafabric/rows.js';
import type { Difference, DifferenceKind } from '../../models/reconcile.js';
import { compileDecoder, type DecodedRow } from '../../rows/decoder.js';
import { businessKey, keyParts } from '../../rows/key.js';
import { rejectKey } from '../../rows/reject-key.js';
import { withOtherContent } from '../../rows/stored-content.js';
import type { Finding } from '../../store/differences.js';
import type { StoredVersion } from '../../store/row-comparison.js';
import { sourceOf } from '../query-scope.js';
import { rowsByKey } from '../rows-by-key.js';
import type { Step, StepResult } from '../step.js';
import { writingOf } from '../writing.js';
import type { Candidate, Classified } from './candidate.js';
import { ceilingOf } from './certificate.js';
import { type Class, classify, type Evidence } from './classify.js';
import { reconcileOf, StepCost } from './cost.js';
import { isHeldAsEmpty } from './delete-guard.js';
import { withException } from './exceptions.js';
import { repairRows } from './repair.js';

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

async function withVersions(step: Step, keys: readonly string[]): Promise<Candidate[]> {
  const { context, session, table } = step;
  const versions = await context.store.comparison(session.job.tableId).versions(keys);
  return keys.map((key) => candidateOf(table, key, versions.get(key)));
}

/** The name of a row that can't be stored because a part of its key is missing. */
const REJECT_WITHOUT_KEY = /^\?(?:SERIALKEY|ROW)=/;

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
  const isWhole = parts.length === columns.length && !REJECT_WITHOUT_KEY.test(key);
  const lakeKey = isWhole ? rejectKey(table, raw) : undefined;
  return { key, stored, lakeKey };
}

/**
 * For each warehouse of the candidates, a document that was found equal: outside the ranges that
 * differ, or, if these cover everything, one that is not a candidate.
 */
async function controlRows(
  step: Step,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Candidate>> {
  const { context, session, table } = step;
  const { tableId, _id } = session.job;
  const { position, confirms } = reconcileOf(session.job);
  const comparison = context.store.comparison(tableId);
  const controls = new Map<string, Candidate>();
  let inDoubt: readonly string[] | undefined;
  const asked = candidates.filter(({ lakeKey }) => lakeKey);
  for (const whseid of new Set(asked.map(({ key }) => warehouseOf(key)))) {
    const warehouse = { whseid, keyPart: businessKey([whseid]) };
    // A run that confirms a list has no ranges.
    let control = confirms
      ? undefined
      : await comparison.findLiveOutside(warehouse, position?.ranges ?? []);
    if (!control) {
      inDoubt ??= await context.store.differences.keysInDoubt(tableId, _id);
      control = await comparison.findLiveOutside(warehouse, [], inDoubt);
    }
    const found = control && candidateOf(table, control.key, control);
    if (found?.lakeKey) controls.set(whseid, found);
  }
  return controls;
}

/** Whether rows that the reading lacks may exist all the same. */
async function isAbsenceDoubtful(
  { context, session }: Step,
  absent: readonly Candidate[],
  {
    controls,
    isSound,
  }: {
    readonly controls: ReadonlyMap<string, Candidate>;
    readonly isSound: (candidate: Candidate) => boolean;
  },
): Promise<boolean> {
  const doubtful = absent.filter((one) => !isSound(one) || !controls.has(warehouseOf(one.key)));
  const { confirms } = reconcileOf(session.job);
  if (doubtful.length === 0 || confirms === undefined) return doubtful.length > 0;
  // That the lake has no row of this warehouse is what the operator has confirmed.
  const list = await context.store.deleteLists.latestWith(session.job.tableId, confirms);
  return doubtful.some(({ key }) => !isHeldAsEmpty(list?.reasons ?? [], warehouseOf(key)));
}

function warehouseOf(key: string): string {
  return keyParts(key)[0] ?? '';
}

/** Whether an interrupted worker has stored it as a difference, in this reading or a restarted one. */
function wasKept(lastAskedAt: Date | undefined) {
  return ({ kind, lastSeenAt }: Difference) =>
    kind !== undefined && lastSeenAt.getTime() === lastAskedAt?.getTime();
}

const isNone = ({ found }: Classified) => found.kind === 'none' || found.kind === 'inFlight';

async function keepFindings(
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

/** @returns keys of documents that have been repaired, now or by an interrupted worker */
async function repairAndResolve(
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

function addCounts(
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
