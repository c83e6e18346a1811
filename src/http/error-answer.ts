import type { Logger } from 'pino';
import { type AppError, advice } from '../errors/app-error.js';
import { entryOf } from '../errors/codes.js';
import { acceptsProblem } from './accept.js';
import { AnsweredError } from './answered-error.js';
import { jobStatusUrl } from './job-status-url.js';

/** The request that is answered with an error. */
export interface Asked {
  readonly headers: Headers;
  readonly requestId: string;
  readonly log: Logger;
}

/**
 * The answer to a request that has failed: as `application/problem+json` where the request asks for
 * that, otherwise in the form that earlier frontends read.
 */
export function errorResponse(error: AppError, { headers, requestId, log }: Asked): Response {
  const { code, details, status } = error;
  const text = advice(error);
  const extra = error instanceof AnsweredError ? error.extra : {};
  const logged = { err: error, ...('jobId' in extra && { jobId: extra.jobId }) };
  if (status >= 500) log.error(logged, 'failed');
  else log.info(logged, 'refused');
  const fields = {
    error: text,
    // The same text in the field that earlier frontends read.
    message: text,
    code,
    remedy: entryOf(code).action,
    details,
    requestId,
    timestamp: new Date().toISOString(),
    ...extra,
  };
  const response = acceptsProblem(headers)
    ? Response.json(problemOf(error, fields, text), { status, headers: PROBLEM })
    : Response.json(fields, { status });
  for (const [name, value] of Object.entries(hintsOf(error, extra))) {
    response.headers.set(name, value);
  }
  return response;
}

const PROBLEM = { 'Content-Type': 'application/problem+json' };

/**
 * An error in the form of RFC 9457, with the fields of the other form as extensions. The `status` of a
 * run, which that form would mistake for the HTTP status, is `runStatus`.
 */
function problemOf(
  { code, status }: AppError,
  fields: Readonly<Record<string, unknown>>,
  detail: string,
): Record<string, unknown> {
  const { status: runStatus, ...others } = fields;
  return {
    ...others,
    ...(runStatus !== undefined && { runStatus }),
    type: `urn:problem-type:datalake-sync:${code}`,
    title: entryOf(code).meaning,
    status,
    detail,
    instance: `urn:datalake-sync:request:${String(fields.requestId)}`,
  };
}

/** When to ask again, and where to see what became of the run that the error is about. */
function hintsOf(
  { code, details, retryAfterMs }: AppError,
  extra: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const { retryAfterS } = entryOf(code);
  const seconds = retryAfterMs === undefined ? retryAfterS : Math.ceil(retryAfterMs / 1000);
  const jobId = extra.jobId ?? details.find((detail) => 'jobId' in detail)?.jobId;
  return {
    ...(seconds !== undefined && { 'Retry-After': String(Math.max(1, seconds)) }),
    ...(isId(jobId) && { Location: jobStatusUrl(jobId) }),
  };
}

/** Details can quote other systems, whose texts do not belong in a header. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{24}$/.test(value);
}
