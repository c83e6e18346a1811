/** A whole HTTP answer: nothing here streams, as nothing in the product does. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export function emptyAnswer(status: number): Answer {
  return { status, headers: [], body: new Uint8Array() };
}

/**
 * What the runtime itself says about a request, in the shape of the backend's own errors, so that
 * a frontend shows its text too.
 */
export function errorAnswer(
  status: number,
  code: string,
  error: string,
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  return {
    status,
    headers: [['content-type', 'application/json; charset=utf-8']],
    body: new TextEncoder().encode(`${JSON.stringify({ error, message: error, code, ...more })}\n`),
  };
}
