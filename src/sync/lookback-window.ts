import { createHash } from 'node:crypto';
import type { WindowGroup } from '../datafabric/window-groups.js';
import type { SyncJob } from '../models/sync-job.js';
import { epochMsFloor } from '../rows/date.js';
import { watermarkAfter } from './outcome.js';

const MINUTE_MS = 60_000;
/** Version of what the digest covers and how: part of the digest. */
const VERSION = 1;

/**
 * Whether the last digest is at least a lookback old, by MongoDB's clock: a second version of a row
 * with the index time of the first changes no group, but is visible by then.
 */
export function isSettled({
  window,
  asOf,
  lookbackMinutes = 0,
}: Pick<SyncJob, 'window' | 'asOf' | 'lookbackMinutes'>): boolean {
  const since = Number(window?.lastDigest?.split('@')[1] ?? Number.NaN);
  return asOf !== undefined && since + lookbackMinutes * MINUTE_MS <= asOf.getTime();
}

/** Whether the lake shows exactly the rows of the last digest. */
export function isUnchanged(job: SyncJob, groups: readonly WindowGroup[]): boolean {
  const { window, range } = job;
  if (window?.lastDigest === undefined || !range.from) return false;
  return window.lastDigest.split('@')[0] === digestOf(job, range.from, groups);
}

/**
 * The digest and key sum of the next run's window, valid if this run reads exactly these groups.
 * @param job with the ceiling of these groups
 */
export function windowAhead(
  job: SyncJob,
  groups: readonly WindowGroup[],
): { digest: string; keySum: string } | undefined {
  const { lookbackMinutes, range } = job;
  const watermark = watermarkAfter(job);
  if (!watermark || !range.from || lookbackMinutes === undefined) return undefined;
  const from = new Date(watermark.getTime() - lookbackMinutes * MINUTE_MS);
  const keySum = groups.reduce((sum, { serialSum }) => sum + serialSum, 0n);
  return { digest: digestOf(job, from, since(from, range.from, groups)), keySum: String(keySum) };
}

/** The groups from `from` on. Those at `counted` are cut by the lake, which may compare finer times. */
function since(from: Date, counted: Date, groups: readonly WindowGroup[]) {
  if (from.getTime() === counted.getTime()) return groups;
  return groups.filter(({ modified }) => {
    const ms = epochMsFloor(modified);
    return typeof ms !== 'number' || ms >= from.getTime();
  });
}

/** SHA-256 of the groups, independent of their order, and of the facts that they depend on. */
function digestOf(job: SyncJob, from: Date, groups: readonly WindowGroup[]): string {
  const { hashes, deleteFlag, deleteMode, epoch = 0 } = job;
  const { scope, source, shape } = hashes;
  const facts = [VERSION, from.toISOString(), scope, source, shape, deleteFlag, deleteMode, epoch];
  const hash = createHash('sha256').update(JSON.stringify(facts));
  for (const group of groups.map(textOf).sort()) hash.update('\n').update(group);
  return hash.digest('hex');
}

function textOf({ whseid, modified, ...numbers }: WindowGroup): string {
  const { rows, serialSum, minSerial, maxSerial } = numbers;
  return JSON.stringify([whseid, modified, ...[rows, serialSum, minSerial, maxSerial].map(String)]);
}
