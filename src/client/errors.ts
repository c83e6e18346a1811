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
    super(String(body.error ?? body.message ?? `HTTP ${status}`));
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

export class LoginPageError extends Error {
  readonly status: number;
  readonly remedy =
    'If the Netlify project is private, make it public (the tokens protect it) or log in; else check baseUrl.';

  constructor(url: string, status: number) {
    super(`${url} answered with a page instead of JSON.`);
    this.name = 'LoginPageError';
    this.status = status;
  }
}

export class ConnectionError extends Error {
  readonly remedy =
    'Check the connection, baseUrl, and that ALLOWED_ORIGINS has the origin of this page; then try again.';

  constructor(url: string, cause: unknown) {
    super(`${url} could not be reached.`, { cause });
    this.name = 'ConnectionError';
  }
}
