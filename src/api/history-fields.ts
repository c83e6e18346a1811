import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { epochMsFloor } from '../tables/date.js';
import { freeObject } from './free-object.js';

/** An ISO date-time, or a date; UTC unless it names a zone. */
const instant = z
  .string({ error: 'must be an ISO date-time' })
  .max(40)
  .transform((text, context) => {
    const ms = epochMsFloor(text);
    if (typeof ms === 'number') return new Date(ms);
    context.addIssue({ code: 'custom', message: 'must be an ISO date-time' });
    return z.NEVER;
  });

const wholeNumber = z
  .int({ error: 'must be a whole number' })
  .min(0, { error: 'must be 0 or more' });

const counts = {
  recordsProcessed: wholeNumber,
  recordsInserted: wholeNumber,
  recordsUpdated: wholeNumber,
  recordsUnchanged: wholeNumber,
  recordsStale: wholeNumber,
  recordsError: wholeNumber,
  recordsUnreadable: wholeNumber,
  recordsDeleted: wholeNumber,
};

/** What a caller may say about a run. null says that there is none. */
const fields = z
  .object({
    status: z.enum(['pending', 'in_progress', 'completed', 'failed'], {
      error: 'must be pending, in_progress, completed or failed',
    }),
    startTime: instant,
    endTime: instant.nullable(),
    /** Milliseconds; from start to end where it is left out. */
    duration: wholeNumber.nullable(),
    ...counts,
    error: z
      .union([z.string().max(4_000), freeObject], {
        error: 'must be a text of at most 4000 characters, or an object of moderate size',
      })
      .nullable(),
    options: freeObject,
  })
  .partial();

export const historyFields = fields.shape;
export type HistoryFields = z.infer<typeof fields>;

/** Fields of an entry's answer that no request changes. */
export const HISTORY_READ_ONLY = [
  '_id',
  '__v',
  'id',
  'createdAt',
  'updatedAt',
  'outcome',
  'mode',
  'proof',
] as const;

/** What a body says about the run, without what it only carries along. */
export function historyFieldsOf(body: HistoryFields): HistoryFields {
  const names = Object.keys(historyFields).filter((name) => name in body);
  return Object.fromEntries(names.map((name) => [name, body[name as keyof HistoryFields]]));
}

/**
 * The time from start to end in milliseconds, null for a run without an end.
 * @throws VALIDATION_FAILED for an end before the start
 */
export function durationOf(startTime: Date, endTime: Date | null | undefined): number | null {
  if (!endTime) return null;
  const duration = endTime.getTime() - startTime.getTime();
  if (duration >= 0) return duration;
  throw new AppError('VALIDATION_FAILED', 'Check these fields: endTime.', {
    details: [{ field: 'endTime', message: 'must not be before startTime' }],
  });
}
