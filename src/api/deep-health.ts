import type { Clock } from '../clock.js';
import { missingCriticalIndexes } from '../db/indexes.js';
import { native } from '../db/native.js';
import { withRetry } from '../db/retry.js';
import { AppError, advice, type ErrorDetail, toAppError } from '../errors/app-error.js';
import { type ErrorCode, entryOf } from '../errors/codes.js';
import { AnsweredError } from '../http/answered-error.js';
import type { CallOptions } from '../ion/time-limit.js';
import type { Models } from '../models/index.js';
import { OVERDUE_MINUTES, readSchedule } from '../sync/schedule-watch.js';
import { startFacts } from './refused-starts.js';
import type { Services } from './services.js';
import { readSiteSettings } from './site-settings.js';

/** For each check; a caller's own monitor gives up after ten seconds or more. */
const LIMIT_MS = 5_000;
const MINUTE_MS = 60_000;

type Facts = Readonly<Record<string, unknown>>;
type Limits = Required<CallOptions> & { readonly clock: Clock };

type Check = Facts & { readonly ms: number } & (
    | { readonly ok: true }
    | {
        readonly ok: false;
        readonly code: ErrorCode;
        readonly message: string;
        readonly details: readonly ErrorDetail[];
      }
  );

/**
 * Asks everything that a sync needs, side by side, each within its own five seconds.
 * Never throws for what is asked: a failure is the answer.
 */
export async function deepHealth(
  services: Services,
): Promise<{ readonly ok: boolean; readonly checks: Readonly<Record<string, Check>> }> {
  const { clock } = services;
  const ask = (late: ErrorCode, run: (limits: Limits) => Promise<Facts>) => check(clock, late, run);
  const [mongodb, indexes, lake, freshness, schedule, starts] = await Promise.all([
    ask('MONGODB_UNREACHABLE', async (limits) => ping(await services.models(), limits)),
    ask('MONGODB_UNREACHABLE', async (limits) => indexFacts(await services.models(), limits)),
    ask('LAKE_TIMEOUT', async (limits) => {
      await (await services.lake()).compass.ping(limits);
      return {};
    }),
    ask('MONGODB_UNREACHABLE', async (limits) => freshnessFacts(await services.models(), limits)),
    ask('MONGODB_UNREACHABLE', async (limits) => scheduleFacts(await services.models(), limits)),
    ask('MONGODB_UNREACHABLE', async (limits) => {
      const models = await services.models();
      const lake = await services.lake().catch(() => undefined);
      return startFacts(models, lake?.sourceHash, limits);
    }),
  ]);
  const checks = { mongodb, indexes, lake, freshness, schedule, starts };
  return { ok: Object.values(checks).every(({ ok }) => ok), checks };
}

async function check(
  clock: Clock,
  late: ErrorCode,
  run: (limits: Limits) => Promise<Facts>,
): Promise<Check> {
  const began = clock.now();
  const over = new AbortController();
  const limits = { clock, deadline: began + LIMIT_MS, signal: over.signal };
  const timeout = clock.sleep(LIMIT_MS, over.signal).then(() => {
    throw new AppError(late, undefined, { details: [{ message: `no answer in ${LIMIT_MS} ms` }] });
  });
  try {
    const facts = await Promise.race([run(limits), timeout]);
    return { ok: true, ms: clock.now() - began, ...facts };
  } catch (thrown) {
    const { error, facts } = reasonOf(thrown);
    const { code, details } = error;
    const message = advice({ code, message: entryOf(code).meaning });
    return { ok: false, ms: clock.now() - began, code, message, details, ...facts };
  } finally {
    over.abort();
  }
}

/** Behind a deadline stands the failure that was being waited out. */
function reasonOf(thrown: unknown): { error: AppError; facts: Facts } {
  const error = toAppError(thrown);
  const reason = error.code === 'OUT_OF_TIME' ? toAppError(error.cause) : error;
  return { error: reason, facts: error instanceof AnsweredError ? error.extra : {} };
}

async function ping({ configs }: Models, limits: Limits): Promise<Facts> {
  const database = configs.db.getClient().db();
  await withRetry(() => database.command({ ping: 1 }), limits);
  return {};
}

async function indexFacts(models: Models, limits: Limits): Promise<Facts> {
  const missing = await missingCriticalIndexes(models, limits);
  if (missing.length === 0) return { missing };
  throw new AnsweredError(new AppError('MONGODB_INDEX_MISSING'), { missing });
}

async function freshnessFacts(models: Models, limits: Limits): Promise<Facts> {
  const { freshnessLimitMinutes: limitMinutes } = await readSiteSettings(models, limits);
  if (limitMinutes === null) return { limitMinutes, stale: [] };
  const oldest = new Date(limits.clock.now() - limitMinutes * MINUTE_MS);
  const configs = native(models.configs);
  const found = await withRetry(
    () => configs.find({ enabled: true }).sort({ tableId: 1 }).toArray(),
    limits,
  );
  const stale = found
    .filter(({ watermark }) => watermark === undefined || watermark < oldest)
    .map(({ tableId, watermark, lastSyncDate, lastSyncStatus }) => ({
      tableId,
      watermark: watermark ?? null,
      lastSyncDate: lastSyncDate ?? null,
      lastSyncStatus: lastSyncStatus ?? null,
    }));
  if (stale.length === 0) return { limitMinutes, stale };
  throw new AnsweredError(new AppError('DATA_STALE'), { limitMinutes, stale });
}

/** An order that was refused is shown and fails nothing: its work is done all the same. */
async function scheduleFacts(models: Models, limits: Limits): Promise<Facts> {
  const { lastPass, overdue, dispatch = null } = await readSchedule(models, limits);
  const facts = { lastPass, overdue, limitMinutes: OVERDUE_MINUTES, lastDispatch: dispatch };
  if (!overdue) return facts;
  throw new AnsweredError(new AppError('SCHEDULE_OVERDUE'), facts);
}
