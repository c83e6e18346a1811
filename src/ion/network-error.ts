import { AppError } from '../errors/app-error.js';
import { networkReason } from '../errors/network-reason.js';

/**
 * The AppError for a call that brought no whole answer. Only code and message of the original
 * go into `cause`: the client's own error holds the request, and with it secrets.
 */
export function networkError(error: unknown, host: string): AppError {
  const message = error instanceof Error ? error.message : 'unknown';
  const { code, reason } = networkReason(error);
  const cause = new Error(`${code} ${message}`.trim());
  if (/^maxContentLength/.test(message)) {
    return new AppError('LAKE_BAD_ANSWER', `The answer of ${host} is too large.`, { cause });
  }
  return new AppError('LAKE_UNREACHABLE', `No answer came from ${host}: ${reason}.`, {
    details: [{ message: reason, host, ...(code !== '' && { networkCode: code }) }],
    cause,
  });
}
