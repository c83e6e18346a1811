import { expect } from 'vitest';
import type { Variation } from '../../dev/lake/index.js';
import type { SyncConfig } from '../../src/models/sync-config.js';
import type { JobOutcome, SyncJob } from '../../src/models/sync-job.js';
import { expectSum, type Reply } from '../support/backend.js';
import type { Scene } from './stage.js';

export interface Ended {
  readonly job: SyncJob;
  /** The configuration before and after the command in which the run ended. */
  readonly before: SyncConfig;
  readonly after: SyncConfig;
  /** Where a request waited for the end. */
  readonly reply: Reply | undefined;
  /** Whether nothing was stored before. */
  readonly wasEmpty: boolean;
}

const COMPLETE: readonly (JobOutcome | undefined)[] = ['complete', 'nothing_new', 'with_rejects'];

/** Rows that can't be stored are nobody's fault: they are known, and the others are in. */
export function isComplete({ outcome }: SyncJob): boolean {
  return COMPLETE.includes(outcome);
}

/** A run that read nothing but rejects fails, and so does each one after it until a row can be stored. */
export function isAllRejected({ errorCode, stats }: SyncJob): boolean {
  const { processedRecords, errorRecords } = stats;
  return errorCode === 'ALL_ROWS_REJECTED' && errorRecords > 0 && errorRecords === processedRecords;
}

/** The rules for every run, whatever it came to. */
export async function expectRules(scene: Scene, ended: Ended): Promise<void> {
  const { job, reply } = ended;
  expectSum(job.stats);
  expect(job.phase, 'a run that is not active has ended').toBe('ended');
  const status = job.error ? 'failed' : 'completed';
  const outcome = job.outcome ?? 'none';
  const entries = await scene.historyOf(job);
  expect(
    entries.map((entry) => [entry.status, entry.outcome, entry.recordsProcessed]),
    'one entry of the history says the same as the job',
  ).toEqual([[status, outcome, job.stats.processedRecords]]);
  expect(job.status).toBe(status);
  if (job.error) {
    expect(['failed', 'canceled']).toContain(outcome);
    expect(entries[0]?.errorCode).toBe(job.errorCode);
  }
  if (reply) {
    const { body } = reply;
    expect([body.status, body.outcome, body.code]).toEqual([status, outcome, job.errorCode]);
    expect(reply.status >= 400, `status ${reply.status}`).toBe(job.error !== undefined);
  }
  expectProof(job);
  // Somebody else's run says nothing about the table.
  if (job.errorCode === 'SOURCE_CHANGED') return expectUntouched(ended);
  expect(ended.after.lastSyncStatus).toBe(status);
  expect(ended.after.lastSyncJobId).toBe(String(job._id));
  const watermark = rememberedBy(job, ended.before);
  const asPlanned =
    !isSetMeanwhile(ended) &&
    ended.before.scopeHash === job.hashes.scope &&
    watermark?.getTime() === job.watermarkBefore?.getTime();
  // What is known of a collection that has been emptied may be forgotten before the run is planned.
  if (ended.wasEmpty && (ended.before.watermark || ended.before.leftovers)) return;
  expectWatermark(ended, watermark, asPlanned);
  expectLeftovers(ended, asPlanned);
}

/**
 * But for the time at which the table is due, the record of starts that were refused, and a watermark
 * in the future, which every start forgets, also one that finds a run going on.
 */
function expectUntouched({ job, before, after }: Ended): void {
  const isForgotten = isInTheFuture(job, before) && after.watermark === undefined;
  const facts = ({ nextRunAt: _, refusals: _r, watermark, ...config }: SyncConfig) => ({
    ...config,
    ...(!isForgotten && { watermark }),
  });
  expect(facts(after)).toEqual(facts(before));
}

function isInTheFuture({ stats }: SyncJob, { watermark }: SyncConfig): boolean {
  return watermark !== undefined && watermark > stats.startTime;
}

/** A run that claims to have read its range says what shows that. */
function expectProof(job: SyncJob): void {
  const { outcome, proof } = job;
  if (outcome === 'partial') expect(proof?.how).toBe('limited');
  else if (isComplete(job)) {
    expect(['result', 'count', 'bounded', 'empty', 'unchanged']).toContain(proof?.how);
    if (outcome === 'nothing_new') expect(['empty', 'unchanged']).toContain(proof?.how);
  }
  if (proof?.how === 'empty' || proof?.how === 'unchanged') expect(proof.read).toBe(0);
  if (proof?.how === 'result') expect(proof.sums?.read).toBe(proof.sums?.stated);
}

/** One in the future is forgotten by the run that meets it, whatever becomes of that run. */
function rememberedBy(job: SyncJob, config: SyncConfig): Date | undefined {
  return isInTheFuture(job, config) ? undefined : config.watermark;
}

/** One in the future, set while the run went on, stays until the next start, which forgets it. */
function isSetMeanwhile({ job, before, after }: Ended): boolean {
  const stays = after.watermark?.getTime() === before.watermark?.getTime();
  return stays && isInTheFuture(job, before);
}

/** It moves only with a run of the configuration's own scope, as far as that run covers. */
function expectWatermark(ended: Ended, before: Date | undefined, asPlanned: boolean): void {
  const { job, after } = ended;
  if (isSetMeanwhile(ended)) return;
  const moves = asPlanned && job.scope.own && isComplete(job);
  const expected = moves ? watermarkAfter(job, before) : before;
  expect(after.watermark, 'the watermark').toEqual(expected);
}

/** Never back, except by a rebuild. */
function watermarkAfter(
  { range, asOf, rebuild }: SyncJob,
  before: Date | undefined,
): Date | undefined {
  const covered = range.ceiling && asOf && range.ceiling > asOf ? asOf : range.ceiling;
  if (!before || !covered || rebuild) return covered ?? before;
  return covered > before ? covered : before;
}

/**
 * Only the limit of the configuration leaves a rest; a complete run takes it away, and one that finds
 * that none of its rows can be stored.
 */
function expectLeftovers({ job, before, after }: Ended, asPlanned: boolean): void {
  const own = asPlanned && job.scope.own;
  if (own && job.outcome === 'partial' && job.limit.keepRest) {
    expect(after.leftovers?.query.id).toBe(job.query?.id);
  } else if (own && isComplete(job)) expect(after.leftovers).toBeUndefined();
  else if (own && job.errorCode === 'ALL_ROWS_REJECTED') {
    expect(after.leftovers).toBeUndefined();
  } else expect(after.leftovers).toEqual(before.leftovers);
}

/**
 * What a run reads where the lake stands still: all that it
 * can see from its lower bound on, up to the newest of it.
 */
export function expectRange(job: SyncJob, variations: readonly Variation[]): void {
  const { from } = job.range;
  const { whseids } = job.scope;
  const times = variations
    .filter(({ highest, deleted }) => highest && (!deleted || job.deleteFlag))
    .filter(({ values }) => whseids === undefined || whseids.includes(values.WHSEID ?? ''))
    .map(({ lastModified }) => Date.parse(lastModified))
    .filter((time) => from === undefined || time >= from.getTime());
  if (job.proof?.how === 'unchanged') {
    expect(job.proof.counted, 'rows that were read before').toBe(times.length);
    return;
  }
  expect(job.stats.processedRecords, 'rows read').toBe(times.length);
  const withRejects = isAllRejected(job) ? 'failed' : 'with_rejects';
  const read = job.stats.errorRecords > 0 ? withRejects : 'complete';
  expect(job.outcome).toBe(times.length === 0 ? 'nothing_new' : read);
  if (times.length > 0) expect(job.range.ceiling?.getTime()).toBe(Math.max(...times));
}
