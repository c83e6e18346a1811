import type { ErrorCode } from '../errors/codes.js';

/** What a lake that can't run a form of statement may say, once the gateway's retries are over. */
const REFUSALS: readonly ErrorCode[] = [
  'LAKE_QUERY_FAILED',
  'LAKE_REFUSED',
  'LAKE_SERVER_ERROR',
  'LAKE_QUERY_CANCELED',
  'LAKE_QUERY_SLOW',
];

/** Whether the lake may have failed for the form of the statement. */
export function isStatementRefusal(code: ErrorCode): boolean {
  return REFUSALS.includes(code);
}
