import { countOf, timeOf } from './earlier-record.js';
import { dueSince, isOlderThan, isOverdue, OVERDUE_MINUTES } from './freshness.js';
import type { ProofKind } from './reading.js';
import type { Certificate, ReconcileException } from './reconcile.js';
import type { Refusal } from './refusal.js';
import { PAUSED_BY_REQUEST, type SyncConfig } from './sync-config.js';
import type { JobOutcome, JobStatus } from './sync-job.js';
import type {
  BehindReason,
  BehindVerdict,
  DifferentVerdict,
  EqualVerdict,
  FailingVerdict,
  HeldVerdict,
  PausedVerdict,
  TableVerdict,
} from './verdict.js';

const DAY_MINUTES = 1_440;
/** A time that is so far ahead of `now` is a fault of a clock, and shows nothing. */
const AHEAD_MINUTES = 5;

/** A run as its history entry shows it; only entries of this backend have an outcome. */
export interface JudgedRun {
  readonly historyId: string;
  readonly status: JobStatus;
  readonly outcome: JobOutcome | null;
  readonly startTime: Date;
  readonly endTime: Date | null;
  readonly how: ProofKind | null;
  /** It covered what is configured: not other warehouses, nor a range of dates. */
  readonly own: boolean;
  /** There was no run: starts were refused. */
  readonly refused: boolean;
  readonly error?: string;
  readonly errorCode?: string;
}

/** A certificate of what is configured. */
export type JudgedCertificate = Pick<
  Certificate,
  '_id' | 'asOf' | 'verdict' | 'remaining' | 'held' | 'counts' | 'exceptions'
>;

export interface VerdictFacts {
  /** By the clock that the other times are of, MongoDB's. */
  readonly now: Date;
  /** As stored, of whichever version; undefined: there is none. */
  readonly config: SyncConfig | undefined;
  /** The latest first. */
  readonly runs: readonly JudgedRun[];
  readonly running: boolean;
  readonly certificate: JudgedCertificate | undefined;
  readonly openDifferences: number;
  /** The list of deletes that waits for a decision. */
  readonly held: { readonly deletes: number; readonly createdAt: Date } | undefined;
  /** Why this site can't start a run of the table. */
  readonly refusals: readonly Refusal[];
  /** The setting; null: the age of the newest row doesn't matter. */
  readonly freshnessLimitMinutes: number | null;
}

/** A run that is proven complete. */
type ProvenRun = JudgedRun & { readonly how: ProofKind };

/**
 * Whether a table's documents can be trusted: the one judgment that every answer shows. Pure. The
 * gravest finding wins, in this order: `paused`, `failing`, `never_run`, `behind`, `held`,
 * `different`; without any of them the table is `equal` by a recent certificate, or `proven`.
 */
export function verdictOf(facts: VerdictFacts): TableVerdict {
  const { config } = facts;
  if (!config) return { kind: 'not_configured' };
  const obstacle = pausedBy(config) ?? failingBy(facts, config);
  if (obstacle) return obstacle;
  const watermark = watermarkOf(config, facts.now);
  if (!watermark && !facts.runs.some(hasEnded)) return { kind: 'never_run' };
  const proven = lastProven(facts.runs, facts.now);
  // Without a watermark an earlier proof is of other warehouses, or of another source's rows.
  if (!proven || (!watermark && proven.how !== 'empty')) {
    return behind(watermark ? 'not_proven' : 'never_complete', watermark);
  }
  const asOf = notAfter(proven.startTime, facts.now);
  return (
    behindBy(facts, { config, proven, watermark }) ??
    heldBy(facts) ??
    differentBy(facts) ??
    equalBy(facts, config) ?? { kind: 'proven', asOf, how: proven.how }
  );
}

/** The latest run that is proven complete; undefined: none of these is. */
export function lastProven(runs: readonly JudgedRun[], now: Date): ProvenRun | undefined {
  return runs.find((run): run is ProvenRun => isProven(run) && !isAhead(run.startTime, now));
}

const COMPLETE: readonly (JobOutcome | null)[] = ['complete', 'nothing_new', 'with_rejects'];

function isProven({ own, status, outcome, how }: JudgedRun): boolean {
  return (
    own && status === 'completed' && COMPLETE.includes(outcome) && how !== null && how !== 'limited'
  );
}

function hasEnded({ status, refused }: JudgedRun): boolean {
  return !refused && (status === 'completed' || status === 'failed');
}

/** Ended runs of this backend that say something about the table. */
function telling(runs: readonly JudgedRun[]): JudgedRun[] {
  return runs.filter(
    (run) =>
      hasEnded(run) &&
      run.own &&
      run.outcome !== null &&
      run.outcome !== 'canceled' &&
      run.errorCode !== 'SOURCE_CHANGED',
  );
}

function pausedBy({ enabled, pausedReason }: SyncConfig): PausedVerdict | undefined {
  if (enabled !== true) return { kind: 'paused', by: 'disabled', reason: null };
  // The schedule leaves out a table that has the field, whatever is in it.
  if (pausedReason === undefined) return undefined;
  const reason = typeof pausedReason === 'string' ? pausedReason : null;
  const isByUser = reason === null || reason === PAUSED_BY_REQUEST;
  return { kind: 'paused', by: isByUser ? 'request' : 'failures', reason };
}

function failingBy(facts: VerdictFacts, config: SyncConfig): FailingVerdict | undefined {
  const { refusals, runs, now } = facts;
  const failures = Math.max(0, countOf(config.failureCount));
  const latest = [...refusals].sort((a, b) => Number(b.lastTime) - Number(a.lastTime)).at(0);
  if (latest) {
    const { historyId, error = null, errorCode = null } = latest;
    const since = new Date(Math.min(...refusals.map((refusal) => Number(refusal.since))));
    const counted = Math.max(1, failures, latest.count);
    const id = String(historyId);
    const found = { since, failures: counted, error, errorCode, historyId: id };
    return { kind: 'failing', what: 'start', ...found };
  }
  const own = telling(runs);
  const succeeded = own.findIndex(({ status }) => status === 'completed');
  const failed = succeeded < 0 ? own : own.slice(0, succeeded);
  const [last, first] = [failed.at(0), failed.at(-1)];
  if (last && first) {
    const { error = null, errorCode = null, historyId } = last;
    const since = first.endTime ?? first.startTime;
    const counted = Math.max(failures, failed.length);
    return { kind: 'failing', what: 'run', since, failures: counted, error, errorCode, historyId };
  }
  if (failures === 0) return undefined;
  // The schedule has counted failed starts, which leave no entry where the cause may pass.
  const since = timeOf(config.updatedAt) ?? now;
  const unknown = { error: null, errorCode: null, historyId: null };
  return { kind: 'failing', what: 'start', since, failures, ...unknown };
}

interface Read {
  readonly config: SyncConfig;
  readonly proven: ProvenRun;
  readonly watermark: Date | undefined;
}

function behindBy(
  { runs, running, now, freshnessLimitMinutes }: VerdictFacts,
  { config, proven, watermark }: Read,
): BehindVerdict | undefined {
  const asOf = notAfter(proven.startTime, now);
  // `rebuilding`: some documents are of the former epoch.
  if (config.leftovers || config.rebuilding) return behind('rows_left', asOf);
  const [last] = telling(runs);
  if (last && !isProven(last)) return behind('not_proven', asOf);
  const minutes = Math.max(0, countOf(config.syncFrequency));
  const isDue = !running && isOverdue(dueSince(config), now);
  if (isDue) return behind('overdue', asOf, minutes + OVERDUE_MINUTES);
  // From the start of one run to the start of the next, which itself may take an interval.
  const limit = 2 * minutes + OVERDUE_MINUTES;
  if (isOlderThan(asOf, limit, now)) return behind('overdue', asOf, limit);
  if (watermark && freshnessLimitMinutes !== null) {
    const isSilent = isOlderThan(watermark, freshnessLimitMinutes, now);
    if (isSilent) return behind('source_silent', watermark, freshnessLimitMinutes);
  }
  return undefined;
}

function behind(
  reason: BehindReason,
  since: Date | undefined,
  limitMinutes: number | null = null,
): BehindVerdict {
  return { kind: 'behind', reason, since: since ?? null, limitMinutes };
}

function heldBy({ held }: VerdictFacts): HeldVerdict | undefined {
  if (!held || held.deletes === 0) return undefined;
  return { kind: 'held', deletes: held.deletes, since: held.createdAt };
}

/**
 * A certificate also counts documents that are no open difference: those without a version of ours,
 * those that lack a value, and rows that no document can stand for.
 */
function differentBy({ certificate, openDifferences }: VerdictFacts): DifferentVerdict | undefined {
  const isDifferent = certificate?.verdict === 'different';
  if (openDifferences === 0 && !isDifferent) return undefined;
  const certified = isDifferent ? certificate.remaining : 0;
  const lesser = isDifferent ? lesserOf(certificate) : 0;
  const differences = Math.max(openDifferences, certified) + lesser;
  return { kind: 'different', differences, asOf: certificate?.asOf ?? null };
}

function lesserOf({ counts, exceptions }: JudgedCertificate): number {
  const isUnnamed = ({ reason }: ReconcileException) => reason === 'unnamed_rows';
  return countOf(counts.unreadable) + countOf(exceptions.find(isUnnamed)?.count);
}

/** For two intervals of the table's comparisons, and at least a day, a certificate is recent. */
function equalBy({ certificate, now }: VerdictFacts, config: SyncConfig): EqualVerdict | undefined {
  if (!certificate || certificate.held > 0) return undefined;
  const { verdict, asOf, _id } = certificate;
  if (verdict !== 'equal' && verdict !== 'repaired') return undefined;
  const minutes = Math.max(DAY_MINUTES, 2 * countOf(config.reconcileFrequency));
  if (isAhead(asOf, now) || isOlderThan(asOf, minutes, now)) return undefined;
  return { kind: 'equal', asOf: notAfter(asOf, now), jobId: String(_id) };
}

/** No run sets it in the future: one that is there has outlived a step of the clock. */
function watermarkOf({ watermark }: SyncConfig, now: Date): Date | undefined {
  const time = timeOf(watermark);
  return time && !isAhead(time, now) ? time : undefined;
}

function isAhead(time: Date, now: Date): boolean {
  return isOlderThan(now, AHEAD_MINUTES, time);
}

function notAfter(time: Date, now: Date): Date {
  return time > now ? now : time;
}
