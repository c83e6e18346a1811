import type { ErrorCode } from '../errors/codes.js';

/** Errors by which a lake may refuse a form of statement, after retries. */
const REFUSALS: readonly ErrorCode[] = [
  'LAKE_QUERY_FAILED',
  'LAKE_REFUSED',
  'LAKE_SERVER_ERROR',
  'LAKE_QUERY_CANCELED',
  'LAKE_QUERY_SLOW',
];

/** Whether the form of the statement may be the cause of the error. */
export function isStatementRefusal(code: ErrorCode): boolean {
  return REFUSALS.includes(code);
}
