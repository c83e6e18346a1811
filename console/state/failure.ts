import { ConnectionError, LoginPageError, SyncError } from '../../src/client/errors.js';

/** What stands in the way of an answer, told apart by what its reader has to do. */
export type FailureKind =
  /** 401: no token, or one that the site does not know. */
  | 'unauthorized'
  /** 403: the token may only read. */
  | 'forbidden'
  /** 503 API_TOKEN_UNSET: the site has no token at all. */
  | 'unset'
  /** A page in place of an answer: Netlify asks visitors to log in. */
  | 'login'
  | 'offline'
  /** An error of the API, with its sentence and remedy. */
  | 'refused';

export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly remedy: string;
  readonly code: string;
  readonly details: readonly { readonly field?: string; readonly message: string }[];
  readonly requestId: string;
  readonly retryAfterMs: number | undefined;
  /** The whole answer, e.g. with the `jobId` of the run that is in the way. */
  readonly body: Readonly<Record<string, unknown>>;
}

export function failureOf(error: unknown): Failure {
  const none = { code: '', details: [], requestId: '', retryAfterMs: undefined, body: {} };
  if (error instanceof SyncError) {
    const { remedy, code, details, requestId, retryAfterMs, body } = error;
    const message = withoutEnd(error.message, remedy);
    return {
      ...{ kind: kindOf(error), message, remedy, code, details, requestId, retryAfterMs, body },
    };
  }
  if (error instanceof LoginPageError) {
    return { ...none, kind: 'login', message: error.message, remedy: error.remedy };
  }
  if (error instanceof ConnectionError) {
    return { ...none, kind: 'offline', message: error.message, remedy: error.remedy };
  }
  return { ...none, kind: 'refused', message: String(error), remedy: '' };
}

/** Where no other token or login is at fault, the page stays and says what failed. */
export function needsSignIn({ kind }: Failure): boolean {
  return kind === 'unauthorized' || kind === 'unset' || kind === 'login';
}

function kindOf({ status, code }: SyncError): FailureKind {
  if (status === 401) return 'unauthorized';
  if (code === 'API_TOKEN_UNSET') return 'unset';
  return code === 'FORBIDDEN' ? 'forbidden' : 'refused';
}

/** The API's sentence ends with its remedy, which the page shows on a line of its own. */
function withoutEnd(message: string, remedy: string): string {
  return message.endsWith(remedy) && message !== remedy
    ? message.slice(0, -remedy.length).trimEnd()
    : message;
}
