import { AppError } from '../errors/app-error.js';
import type { HttpAnswer } from './http.js';

// The longest quota is a minute (Infor's limits are calls a minute); who asks for more is
// heard up to this, and the caller's deadline usually ends the wait before.
const LONGEST_WAIT_MS = 5 * 60_000;

interface Context {
  readonly host: string;
  /** Clock time, epoch milliseconds. */
  readonly now: number;
  /** The harmless beginning of the answer's body. */
  readonly text: string;
}

/** The AppError for an answer whose status is not what the call expects. */
export function answerError(answer: HttpAnswer, { host, now, text }: Context): AppError {
  const { status, headers } = answer;
  const details = [{ message: text === '' ? 'The answer has no text.' : text, status, host }];
  const wait = retryAfterMs(headers['retry-after'], now);
  const options = { details, ...(wait !== undefined && { retryAfterMs: wait }) };
  if (status === 429) return new AppError('LAKE_QUOTA', undefined, options);
  if (status === 408 || status === 504) {
    return new AppError('LAKE_TIMEOUT', `${host} gave up waiting (status ${status}).`, options);
  }
  if (status >= 500) {
    return new AppError('LAKE_SERVER_ERROR', `${host} answered with status ${status}.`, options);
  }
  if (status < 300) {
    return new AppError('LAKE_BAD_ANSWER', `${host} answered with status ${status}.`, { details });
  }
  const hint = status < 400 ? ' It wants to redirect the call, so its address is wrong.' : '';
  return new AppError('LAKE_REFUSED', `${host} refused the call with status ${status}.${hint}`, {
    details,
  });
}

/**
 * The wait that a `Retry-After` header asks for, in milliseconds: seconds or an HTTP date
 * (RFC 9110, 10.2.3). Anything else, zero and the past ask for nothing.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? '';
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : httpDate(text) - now;
  return wait > 0 ? Math.min(wait, LONGEST_WAIT_MS) : undefined;
}

/** Epoch milliseconds, or NaN; Date.parse alone would take "5 apples" for a date. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
}
