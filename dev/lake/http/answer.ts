/** What a handler answers; the server sends and logs it. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** What becomes of the connection: `reset` without an answer, `cut` in the middle of the body. */
  readonly transport?: 'reset' | 'cut';
  /** What the request log is told beside the request itself. */
  readonly log?: {
    readonly sql?: string;
    readonly queryId?: string;
    readonly rows?: number;
    readonly clientAuth?: 'basic' | 'body';
  };
}

export function json(status: number, body: unknown, rest: Omit<Answer, 'status' | 'body'> = {}) {
  const headers = { 'Content-Type': 'application/json', ...rest.headers };
  return { ...rest, status, headers, body: JSON.stringify(body) } satisfies Answer;
}

/** A refusal of the gateway or of Compass. */
export function refusal(
  status: number,
  message: string,
  rest: Omit<Answer, 'status' | 'body'> = {},
) {
  return json(status, { code: String(status), message }, rest);
}
