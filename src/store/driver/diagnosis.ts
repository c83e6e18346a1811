import type { ErrorDetail } from '../../errors/app-error.js';
import type { ErrorCode } from '../../errors/codes.js';

/** What a failure of driver, DNS or server is. */
export interface Diagnosis {
  readonly code: ErrorCode;
  /** Instead of the code's own sentence, where more is known. */
  readonly message?: string;
  readonly details?: readonly ErrorDetail[];
}
