import { z } from 'zod';
import { AppError } from '../errors/app-error.js';
import { errorView } from '../errors/error-fields.js';
import { millisecondsOf } from '../models/duration.js';
import { countFields } from '../models/row-counts.js';
import { instant } from './fields.js';
import { digitsToo } from './forgiving.js';
import { freeObject } from './free-object.js';

const wholeNumber = digitsToo(
  z.int({ error: 'must be a whole number' }).min(0, { error: 'must be 0 or more' }),
);

const MOST_SECONDS = 315_360_000;

export const runStatus = z.enum(['pending', 'in_progress', 'completed', 'failed'], {
  error: 'must be pending, in_progress, completed or failed',
});

/** What a caller may say about a run. null says that there is none. */
const fields = z
  .object({
    status: runStatus,
    startTime: instant,
    endTime: instant.nullable(),
    /** Seconds; from start to end where it is left out. */
    duration: digitsToo(
      z
        .number({ error: 'must be a number of seconds' })
        .min(0, { error: 'must be 0 or more' })
        .max(MOST_SECONDS, { error: `must be at most ${MOST_SECONDS} seconds (10 years)` }),
    ).nullable(),
    /** The same in milliseconds; where both are given, this one counts. */
    durationMs: wholeNumber.nullable(),
    ...countFields('entry', () => wholeNumber),
    error: z
      .union([z.string().max(4_000), freeObject], {
        error: 'must be a text of at most 4000 characters, or an object of moderate size',
      })
      .nullable(),
    errorCode: z.string({ error: 'must be a text' }).max(100).nullable(),
    errorDetails: z
      .array(z.union([z.string().max(4_000), freeObject]), { error: 'must be a list' })
      .max(100)
      .nullable(),
    options: freeObject,
  })
  .partial();

export const historyFields = fields.shape;
export type HistoryFields = z.infer<typeof fields>;

/** Fields that null removes. */
const REMOVABLE: ReadonlySet<string> = new Set([
  'endTime',
  'duration',
  'durationMs',
  'error',
  'errorCode',
  'errorDetails',
]);

/** What a form leaves empty: a field that can be removed is, any other one stays as it is. */
export function withoutEmptyFields(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = Object.entries(body).flatMap(([name, value]) => {
    const isBlank = value === null || value === '';
    if (isBlank && name in historyFields) return REMOVABLE.has(name) ? [[name, null]] : [];
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}

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
  'refusal',
] as const;

/** What a body says about the run in the form that is stored; null removes a field. */
export type HistoryChange = Omit<HistoryFields, 'duration' | 'error' | 'errorDetails'> & {
  error?: string | null | undefined;
  errorDetails?: readonly unknown[] | null | undefined;
};

/** Without what the body only carries along. */
export function historyChangeOf(body: HistoryFields): HistoryChange {
  const names = Object.keys(historyFields).filter((name) => name in body);
  const given: HistoryFields = Object.fromEntries(
    names.map((name) => [name, body[name as keyof HistoryFields]]),
  );
  const { duration, error: _, ...rest } = given;
  return {
    ...(duration !== undefined && {
      durationMs: duration === null ? null : millisecondsOf(duration),
    }),
    ...rest,
    ...('error' in given && { ...NO_ERROR, ...errorView(given) }),
  };
}

/** Code and details go with the text that they explain. */
const NO_ERROR = { error: null, errorCode: null, errorDetails: null };

/**
 * The time from start to end in milliseconds; null: the run has no end.
 * @throws VALIDATION_FAILED for an end before the start
 */
export function durationFrom(startTime: Date, endTime: Date | null | undefined): number | null {
  if (!endTime) return null;
  const durationMs = endTime.getTime() - startTime.getTime();
  if (durationMs >= 0) return durationMs;
  throw new AppError('VALIDATION_FAILED', 'Check these fields: endTime.', {
    details: [{ field: 'endTime', message: 'must not be before startTime' }],
  });
}
