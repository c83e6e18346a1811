/** What the answers promise, as a frontend relies on it; they may hold more. */
import { z } from 'zod';
import type { ApiReply } from './client.js';
import { Failure } from './failure.js';

const count = z.number();
const status = z.enum(['pending', 'in_progress', 'completed', 'failed']);

export const config = z.looseObject({
  tableId: z.string(),
  tableName: z.string(),
  enabled: z.boolean(),
  syncFrequency: z.number(),
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
  startTime: z.string(),
  /** Seconds, once it has ended. */
  duration: count.optional(),
});

export const startAnswer = z.looseObject({
  message: z.string(),
  jobId: z.string(),
  historyId: z.string(),
  stats,
});

const historyEntry = z.looseObject({
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

const job = z.looseObject({
  _id: z.string(),
  tableId: z.string(),
  status,
  stats,
  /** Nobody is going to take the run up by himself: sync-table does. */
  idle: z.boolean().optional(),
  heartbeat: z.string().optional(),
  error: z.string().optional(),
  errorCode: z.string().optional(),
});
export type Job = z.infer<typeof job>;

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
  lastSync: z
    .looseObject({ date: z.string(), status, recordsProcessed: count, duration: count })
    .nullable(),
  syncHistory: z.looseObject({ total: count, successful: count, failed: count }),
  records: z.looseObject({}),
  performance: z.looseObject({
    avgDuration: count,
    minDuration: count,
    maxDuration: count,
  }),
});

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

/** The answer as its shape promises it. @throws Failure naming the first places that differ */
export function promised<T>(schema: z.ZodType<T>, { body, text }: ApiReply): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  if (body === undefined) throw new Failure(`The answer is no JSON: ${text.slice(0, 100)}`);
  const issues = result.error.issues.slice(0, 3);
  const places = issues.map(({ path, message }) => `${path.join('.') || 'answer'}: ${message}`);
  throw new Failure(`The answer is not as promised: ${places.join(' · ')}`);
}
