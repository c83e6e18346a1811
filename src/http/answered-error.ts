import { AppError } from '../errors/app-error.js';

/** An error with further fields for its answer, e.g. the job that failed. */
export class AnsweredError extends AppError {
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(error: AppError, extra: Readonly<Record<string, unknown>>) {
    const { code, message, details, cause, retryAfterMs } = error;
    super(code, message, { details, cause, ...(retryAfterMs !== undefined && { retryAfterMs }) });
    this.extra = extra;
  }
}
