import type { ErrorDetail } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/codes.js';

/** The error code and message for a failure of driver, DNS or server. */
export interface Diagnosis {
  readonly code: ErrorCode;
  /** Replaces the code's own sentence if more is known. */
  readonly message?: string;
  readonly details?: readonly ErrorDetail[];
}
