import type { ErrorDetail } from './public.js';

type Fields = Readonly<Record<string, unknown>>;

export class SyncError extends Error {
  readonly code: string;
  readonly status: number;
  readonly remedy: string;
  readonly details: readonly ErrorDetail[];
  readonly requestId: string;
  readonly retryAfterMs: number | undefined;
  readonly body: Fields;

  constructor(body: Fields, status: number, retryAfterMs?: number) {
    super(textOf(body) ?? `HTTP ${status}`);
    this.name = 'SyncError';
    this.body = body;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.code = String(body.code ?? '');
    this.remedy = String(body.remedy ?? this.message);
    this.requestId = String(body.requestId ?? '');
    this.details = Array.isArray(body.details) ? body.details : [];
  }
}

/** Also of an answer of the platform or of a proxy, which have forms of their own. */
function textOf({ error, message, errorMessage }: Fields): string | undefined {
  const inner = typeof error === 'object' && error !== null ? (error as Fields).message : error;
  return [inner, message, errorMessage].find(
    (text): text is string => typeof text === 'string' && text !== '',
  );
}

export class LoginPageError extends Error {
  readonly status: number;
  readonly remedy =
    'If the Netlify project is private, make it public (the tokens protect it) or log in; else check baseUrl.';

  constructor(url: string, status: number) {
    super(`${url} did not answer with the JSON of the API.`);
    this.name = 'LoginPageError';
    this.status = status;
  }
}

export class ConnectionError extends Error {
  readonly remedy =
    'Check the connection, baseUrl, that ALLOWED_ORIGINS has the origin of this page, and that the Netlify project is public; then try again.';

  readonly retryAfterMs: number | undefined;

  constructor(url: string, cause: unknown, retryAfterMs?: number) {
    super(`${url} could not be reached.`, { cause });
    this.name = 'ConnectionError';
    this.retryAfterMs = retryAfterMs;
  }
}
