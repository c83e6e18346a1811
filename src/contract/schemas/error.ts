import { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../../errors/codes.js';
import type { ErrorView } from '../../errors/error-fields.js';
import type { Shape } from '../shape.js';
import { count, id, time } from './fields.js';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** New codes may be added, so the published schema is a text with its known values. */
export const errorCode = z.enum(CODES).meta({ id: 'ErrorCode', 'x-open-enum': true });

/** One problem with one field, or one fact about a failure. */
export const errorDetail = z
  .strictObject({
    field: z.string().optional().describe('Path of the field at fault, e.g. `options.whseid.0`'),
    message: z.string(),
    code: z.union([z.string(), z.number()]).optional().describe("The other system's code, or ours"),
    status: z.number().optional().describe('HTTP status of the other system'),
    reason: z.string().optional(),
    host: z.string().optional(),
    networkCode: z.string().optional(),
    jobId: z.string().optional().describe('Of the run that it is about; the lake names its own'),
    historyId: id.optional(),
    revision: count.optional().describe('Of the document as it is stored now'),
    queryId: z.string().optional(),
    category: z.string().optional(),
    object: z.string().optional(),
    line: z.union([z.string(), z.number()]).optional(),
    position: z.union([z.string(), z.number()]).optional(),
    isList: z.boolean().optional(),
    attempts: count.optional(),
  })
  .meta({ id: 'ErrorDetail' });

export const errorFields = {
  error: z.string().describe('For the user: what happened, and what to do about it'),
  message: z.string().describe('The same text as `error`'),
  code: errorCode,
  remedy: z.string().describe('What to do: the end of `error`'),
  details: z.array(errorDetail).max(51),
  requestId: z.string(),
  timestamp: time,
};

export const errorAnswer = z.strictObject(errorFields).meta({ id: 'Error' });

/** The same where nothing is recorded without an error. */
export const givenErrorFields = {
  error: z.string().describe('For the user'),
  errorCode: z.string(),
  errorDetails: z.array(z.unknown()),
} satisfies Shape<ErrorView>;

/** The error of a stored run, whatever recorded it: all absent if nothing failed. */
export const storedErrorFields = {
  error: z.string().optional().describe('For the user'),
  errorCode: z.string().optional(),
  errorDetails: z.array(z.unknown()).optional(),
} satisfies Shape<ErrorView>;
