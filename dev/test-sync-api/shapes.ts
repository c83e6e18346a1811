/** What the answers promise, as a frontend relies on it; they may hold more. */
import { z } from 'zod';
import type { ApiReply } from './api-reply.js';
import { Failure } from './failure.js';

const count = z.number();
const status = z.enum(['pending', 'in_progress', 'completed', 'failed']);

export const config = z.looseObject({
  tableId: z.string(),
  tableName: z.string(),
  enabled: z.boolean(),
  syncFrequency: z.number(),
  pausedReason: z.string().nullish(),
});

export const initAnswer = z.union([
  z.looseObject({ message: z.string(), count, configs: z.array(config) }),
  z.looseObject({ message: z.string(), existingCount: count }),
]);

const stats = z.looseObject({
  totalRecords: count,
  processedRecords: count,
  insertedRecords: count,
  updatedRecords: count,
  errorRecords: count,
  unchangedRecords: count.optional(),
  staleRecords: count.optional(),
  startTime: z.string(),
});

export const startAnswer = z.looseObject({
  message: z.string(),
  jobId: z.string(),
  historyId: z.string(),
  stats,
});

export const historyEntry = z.looseObject({
  _id: z.string(),
  tableId: z.string(),
  syncJobId: z.string(),
  status,
  startTime: z.string(),
  recordsProcessed: count,
  recordsInserted: count,
  recordsUpdated: count,
  recordsError: count,
});

export type HistoryEntry = z.infer<typeof historyEntry>;

/** What went wrong: a sentence, or an object with code and sentence. */
const failure = z.union([
  z.string(),
  z.looseObject({ code: z.string().optional(), message: z.string() }),
]);

const job = z.looseObject({
  _id: z.string(),
  tableId: z.string(),
  status,
  stats,
  /** Nobody is going to take the run up by himself: sync-table does. */
  idle: z.boolean().optional(),
  heartbeat: z.string().optional(),
  error: failure.nullish(),
  errorCode: z.string().nullish(),
  warnings: z.array(z.string()).optional(),
});
export type Job = z.infer<typeof job>;

/** Why a job failed, in one sentence with its code. */
export function reasonOf({ error, errorCode }: Pick<Job, 'error' | 'errorCode'>): string {
  const message = typeof error === 'string' ? error : error?.message;
  const code = typeof error === 'object' ? error?.code : undefined;
  return [errorCode ?? code, message].filter((word) => word).join(': ') || 'without a reason';
}

export const statusAnswer = z.looseObject({ job, history: historyEntry });
export const activeJobs = z.looseObject({ jobs: z.array(job) });

export const historyAnswer = z.looseObject({
  history: z.array(historyEntry),
  pagination: z.looseObject({ total: count, page: count, limit: count, pages: count }),
});

export const tableStats = z.looseObject({
  tableId: z.string(),
  tableName: z.string(),
  enabled: z.boolean(),
  syncFrequency: z.number(),
  /** When the last run ended; or that, with more about it. */
  lastSync: z.union([z.string(), z.looseObject({ date: z.string().nullish() })]).nullable(),
  running: z.boolean().optional(),
  /** Why no run of it can be started. */
  refusals: z.array(z.looseObject({ error: z.string(), errorCode: z.string() })).default([]),
  syncHistory: z.looseObject({ total: count, successful: count, failed: count }),
  records: z.looseObject({}),
  performance: z.looseObject({
    avgDuration: count,
    minDuration: count,
    maxDuration: count,
  }),
});

export type TableStats = z.infer<typeof tableStats>;

export const statsAnswer = z.looseObject({
  tables: z.array(tableStats),
  summary: z.looseObject({}),
});

export const scheduledAnswer = z.looseObject({
  message: z.string(),
  timestamp: z.string(),
  syncedTables: z.array(z.unknown()),
  errors: z.array(z.unknown()),
});

const refusal = z.looseObject({
  tableId: z.string(),
  error: failure.optional(),
  errorCode: z.string().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
});

/** A table that the schedule could not start, as a line. */
export function refusalText(item: unknown): string {
  const { data } = refusal.safeParse(item);
  if (!data) return JSON.stringify(item);
  const { tableId, error = data.message, errorCode = data.code } = data;
  return `${tableId}: ${reasonOf({ error, errorCode })}`;
}

const check = z.looseObject({
  ok: z.boolean().optional(),
  state: z.string().optional(),
  ms: count.optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  remedy: z.string().nullish(),
});
export type Check = z.infer<typeof check>;

export const deepHealth = z.looseObject({
  status: z.string(),
  checks: z.record(z.string(), check),
});

/** The answer as its shape promises it. @throws Failure naming the first places that differ */
export function promised<T>(schema: z.ZodType<T>, { body, text }: ApiReply): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  if (body === undefined) throw new Failure(`The answer is no JSON: ${text.slice(0, 100)}`);
  const issues = result.error.issues.slice(0, 3);
  const places = issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`);
  throw new Failure(`The answer is not as promised: ${places.join(' · ')}`);
}
