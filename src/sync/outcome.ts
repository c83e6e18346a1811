import { storedError } from '../errors/error-fields.js';
import type { Leftovers, SyncConfig, SyncConfigState } from '../models/sync-config.js';
import type { JobOutcome, JobStatus, SyncJob } from '../models/sync-job.js';
import type { RunProgress } from '../store/configs.js';
import { foldedName } from '../tables/column-name.js';
import { jobCounts, receivedOf, stoppedAtLimit } from './segments.js';
import { warningsOfValues } from './value-warnings.js';

const MINUTE_MS = 60_000;

/** The outcome of a run. Pure: the same job always gives the same outcome. */
export function outcomeOf(job: SyncJob): JobOutcome {
  if (job.error) return storedError(job)?.code === 'SYNC_CANCELED' ? 'canceled' : 'failed';
  if (stoppedAtLimit(job)) return 'partial';
  // Its proof covers the parts that earlier runs have read, too.
  if (jobCounts(job).rejected + (job.carried?.rejected ?? 0) > 0) return 'with_rejects';
  return job.segments.length === 0 ? 'nothing_new' : 'complete';
}

/** The two values that earlier frontends know. A canceled run counts as failed. */
export function statusOf(outcome: JobOutcome): Extract<JobStatus, 'completed' | 'failed'> {
  return outcome === 'failed' || outcome === 'canceled' ? 'failed' : 'completed';
}

/** What a run that did not fail leaves to the next one. A run without proof leaves nothing. */
export function progress(job: SyncJob): RunProgress {
  const { scope, outcome, proof } = job;
  if (!scope.own || !proof) return { set: {}, unset: [] };
  if (outcome === 'partial') {
    const leftovers = job.limit.keepRest ? leftoversOf(job) : undefined;
    const { emptyWarehouses } = job;
    const set = {
      ...objectFacts(job),
      ...(leftovers && { leftovers }),
      ...(emptyWarehouses && { emptyWarehouses }),
    };
    return { set, unset: [] };
  }
  const watermark = watermarkAfter(job);
  const unset: (keyof SyncConfigState)[] = ['leftovers'];
  if (job.totals) unset.push('totalsRefusedAt');
  if (job.window && !job.window.refused) unset.push('groupsRefusedAt');
  const windowDigest = windowDigestAfter(job);
  if (windowDigest === undefined) unset.push('windowDigest');
  if (job.mode === 'full') unset.push('rebuilding');
  const set: Partial<SyncConfig> = {
    ...objectFacts(job),
    ...(job.unknownColumns.length > 0 && { columnNames: columnNamesAfter(job) }),
    ...(watermark && { watermark }),
    ...(job.asOf && { caughtUpAt: job.asOf }),
    ...(job.totalsRefused && !job.totals && job.asOf && { totalsRefusedAt: job.asOf }),
    ...(job.window?.refused && job.asOf && { groupsRefusedAt: job.asOf }),
    ...(windowDigest !== undefined && { windowDigest }),
    // An object without rows does not show its columns, so its shape is not recorded as read.
    ...(job.mode === 'full' && proof.how !== 'empty' && { shapeHash: job.hashes.shape }),
  };
  if (job.emptyWarehouses) set.emptyWarehouses = job.emptyWarehouses;
  else unset.push('emptyWarehouses');
  return { set, unset };
}

function objectFacts(job: SyncJob): Partial<SyncConfig> {
  const { lakeObject, deleteFlag, hasLearned, listedKinds, asOf, segments } = job;
  const sampleId = segments.find((segment) => segment.sampleId !== undefined)?.sampleId;
  const asked = {
    ...(sampleId !== undefined && { sampleId }),
    ...(hasLearned && asOf && { objectAskedAt: asOf }),
    ...(listedKinds && { listedKinds }),
  };
  if (!lakeObject) return { deleteFlag, ...asked };
  return { lakeObject, deleteFlag: lakeObject.deletes === 'told', ...asked };
}

/**
 * Whether the run completes `initialSync`: a full run that had rows to read, or the incremental
 * run after which no warehouse is without rows.
 */
export function isInitialSync(job: SyncJob): boolean {
  const { scope, proof, outcome, mode, emptyWarehouses } = job;
  if (!scope.own || !proof || outcome === 'partial' || emptyWarehouses) return false;
  return mode === 'incremental' || proof.how !== 'empty';
}

/**
 * The watermark after the run: the newest index time that was read, but never later than MongoDB's
 * time before the count. Only a rebuild moves it back; one in the future was dropped at the start.
 */
export function watermarkAfter({
  range,
  asOf,
  watermarkBefore,
  rebuild,
}: Pick<SyncJob, 'range' | 'asOf' | 'watermarkBefore' | 'rebuild'>): Date | undefined {
  const covered = range.ceiling && asOf && range.ceiling > asOf ? asOf : range.ceiling;
  if (rebuild) return covered;
  if (!covered || !watermarkBefore) return covered ?? watermarkBefore;
  // The newest rows may have been deleted since.
  return covered.getTime() < watermarkBefore.getTime() ? watermarkBefore : covered;
}

/**
 * The digest by which the next run recognizes a quiet window; undefined if it must read the window.
 * There is one only if this run read exactly the rows that it had counted, and all of them were in
 * MongoDB already. After a run that wrote rows the next one reads them once more: a second version of
 * a row may have the same index time, and no group shows that.
 */
function windowDigestAfter(job: SyncJob): string | undefined {
  const { window, proof, outcome, totalRecords } = job;
  if (proof?.how === 'unchanged') return window?.lastDigest;
  const { ahead } = window ?? {};
  if (!ahead || outcome !== 'complete' || proof?.how !== 'result') return undefined;
  const isAsCounted = proof.read === totalRecords && proof.sums?.read === ahead.keySum;
  // A page that is read twice finds its own rows of the first time.
  const isFirstReading = job.queryAttempts <= 1 && !job.contradictions;
  const { created, updated, stale, replayed, unreadable } = jobCounts(job);
  // What is stored in place of a stale row, for example an inferred delete, is not what the lake shows.
  const others = created + updated + stale + replayed + unreadable + collisionsOf(job);
  const isInMongoDb = others === 0;
  if (!isAsCounted || !isFirstReading || !isInMongoDb || !job.asOf) return undefined;
  // With MongoDB's time when the digest was first recorded: nothing has changed since.
  const isSame = window?.lastDigest?.split('@')[0] === ahead.digest;
  return isSame ? window?.lastDigest : `${ahead.digest}@${job.asOf.getTime()}`;
}

/** Spellings of columns are never dropped: documents have fields with these names. */
function columnNamesAfter({ columnNames = [], unknownColumns }: SyncJob): string[] {
  return [...new Set([...columnNames, ...unknownColumns])].sort();
}

function leftoversOf(job: SyncJob): Leftovers | undefined {
  const { mode, query, range, deleteFlag, totalRecords, hashes, asOf, stated, epoch, rebuild } =
    job;
  const offset = job.segments.at(-1)?.next;
  if (mode === 'backfill' || !query || !range.ceiling || offset === undefined) return undefined;
  return {
    mode,
    ...(range.from && { from: range.from }),
    ceiling: range.ceiling,
    deleteFlag,
    shapeHash: hashes.shape,
    totalRecords,
    query,
    offset,
    ...(asOf && { asOf }),
    ...(stated && { stated }),
    received: receivedOf(job),
    ...(epoch && { epoch }),
    ...(rebuild && { rebuild }),
  };
}

/** Rows read that share their key with another live row, on the same page or on another. */
export function collisionsOf(job: SyncJob): number {
  return jobCounts(job).collisions + (job.twins ?? 0);
}

export function warningsOf(job: SyncJob): string[] {
  const { rejected } = jobCounts(job);
  const collisions = collisionsOf(job);
  const warnings: string[] = [];
  if (rejected > 0) warnings.push(`rows rejected: ${rejected}`);
  warnings.push(...warningsOfValues(job));
  if (collisions > 0) {
    warnings.push(`live rows that share their key with another live row: ${collisions}`);
  }
  const kept = keptAsTheyCame(job);
  if (kept.length > 0) warnings.push(`columns stored without conversion: ${kept.join(', ')}`);
  if (job.queryAttempts > 1) {
    warnings.push(`the query had to be sent again: ${job.queryAttempts - 1}`);
  }
  if (job.contradictions) {
    warnings.push('a first result contradicted the totals of the lake and was read again');
  }
  return [
    ...warnings,
    ...warningsOfReconcile(job),
    ...warningsOfObject(job),
    ...warningsOfTime(job),
  ];
}

/** Unknown columns whose kind is given neither by the configuration nor, text aside, by the lake's list. */
function keptAsTheyCame({ unknownColumns, configuredKinds = {}, listedKinds = [] }: SyncJob) {
  const listed = listedKinds.filter(({ kind }) => kind !== 'text').map(({ column }) => column);
  const told = new Set([...Object.keys(configuredKinds).map(foldedName), ...listed]);
  return unknownColumns.filter((name) => !told.has(foldedName(name))).sort();
}

function warningsOfReconcile({ reconcile }: SyncJob): string[] {
  const { verdict, remaining = 0, held = 0 } = reconcile?.result ?? {};
  const warnings: string[] = [];
  if (verdict === 'unproven')
    warnings.push('it could not be proven whether MongoDB equals the lake');
  if (remaining > 0) warnings.push(`documents that differ from the lake: ${remaining}`);
  if (held > 0) warnings.push(`deletes that wait for a confirmation: ${held}`);
  return warnings;
}

function warningsOfObject({ emptyWarehouses = [], lakeObject, proof }: SyncJob): string[] {
  const warnings = emptyWarehouses.map(
    (name) => `warehouse ${JSON.stringify(name)} has no row in the lake; names are case-sensitive`,
  );
  if (lakeObject?.deletes === 'not_maintained') {
    warnings.push(
      'the delete flag of the lake object is not maintained: deleted rows are not read',
    );
  }
  if (lakeObject?.deletes === 'plain_only') {
    warnings.push(
      'only the view without deleted rows has the delete flag: deleted rows are not read',
    );
  }
  if (proof?.how === 'bounded') {
    warnings.push('the lake states no totals: the run was only checked by counts before and after');
  }
  return warnings;
}

function warningsOfTime({ range, asOf, lookbackMinutes = 0, modeReason }: SyncJob) {
  const warnings: string[] = [];
  const leadMs = range.ceiling && asOf ? range.ceiling.getTime() - asOf.getTime() : 0;
  if (lookbackMinutes > 0 && leadMs > (lookbackMinutes * MINUTE_MS) / 2) {
    const minutes = Math.ceil(leadMs / MINUTE_MS);
    warnings.push(
      `index times of the lake are up to ${minutes} minutes in the future: such rows are read again until then`,
    );
  }
  if (modeReason === 'watermark_in_future') {
    warnings.push('the watermark was in the future: everything was read, and it was replaced');
  }
  return warnings;
}
