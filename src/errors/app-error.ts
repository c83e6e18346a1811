import { withoutSecrets } from '../security/outside-text.js';
import { type ErrorCode, entryOf } from './codes.js';

/** One problem with one field of an input, or one fact about a failure. */
export interface ErrorDetail {
  /** Path of the field, e.g. `options.whseid.0`; absent if no field is at fault. */
  readonly field?: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

interface AppErrorOptions {
  readonly details?: readonly ErrorDetail[];
  readonly cause?: unknown;
  /** How long the other system asks us to wait, in milliseconds (`Retry-After`). */
  readonly retryAfterMs?: number;
}

/** Limits: characters of a message, characters of a text in a detail, number of details. */
const MOST = { message: 2_000, text: 500, details: 50 } as const;

/**
 * The only error class. `message` and `details` are shown to the caller, stored and sent, so they
 * are truncated, and redacted of secrets, tokens, connection strings and stacks, whatever their
 * origin; `cause` is for the log.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: readonly ErrorDetail[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    const text = withoutSecrets(message ?? entryOf(code).meaning, MOST.message);
    super(text, { cause: options.cause });
    this.code = code;
    this.details = bounded(options.details ?? []);
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return entryOf(this.code).status;
  }

  get retriable(): boolean {
    return entryOf(this.code).recovery === 'retriable';
  }
}

function bounded(details: readonly ErrorDetail[]): readonly ErrorDetail[] {
  const kept = details.slice(0, MOST.details).map(harmless);
  const more = details.length - kept.length;
  return more > 0 ? [...kept, { message: `and ${more} more` }] : kept;
}

function harmless(detail: ErrorDetail): ErrorDetail {
  const facts = Object.entries(detail).map(([name, fact]) => [name, harmlessFact(fact)]);
  return Object.fromEntries(facts);
}

/** Objects and lists are sanitised, and truncated, as JSON. */
function harmlessFact(fact: unknown): unknown {
  if (typeof fact === 'string') return withoutSecrets(fact, MOST.text);
  if (typeof fact !== 'object' || fact === null || fact instanceof Date) return fact;
  const text = JSON.stringify(fact) ?? '';
  const shown = withoutSecrets(text, MOST.message);
  return shown === text ? fact : shown;
}

/** An error as an AppError: itself, or INTERNAL around any unexpected error. */
export function toAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('INTERNAL', undefined, { cause: error });
}

/** Whether the lake refused a call because of its quota, at once or until the call's deadline. */
export function isQuotaRefusal(thrown: unknown): boolean {
  const { code, cause } = toAppError(thrown);
  return (
    code === 'LAKE_QUOTA' || (code === 'OUT_OF_TIME' && toAppError(cause).code === 'LAKE_QUOTA')
  );
}

/** What happened and what to do about it, for the person who reads it. */
export function advice({ code, message }: Pick<AppError, 'code' | 'message'>): string {
  const { action } = entryOf(code);
  // The message of a stored error includes the action already.
  return message.endsWith(action) ? message : `${message.replace(/\.?$/, '.')} ${action}`;
}

/** The plain form in which an error is stored in a job and shown to a user. */
export interface StoredError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
}

export function toStoredError(thrown: unknown): StoredError {
  const error = toAppError(thrown);
  return { code: error.code, message: advice(error), details: error.details };
}
