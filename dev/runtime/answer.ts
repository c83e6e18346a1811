/** A whole HTTP answer: nothing here streams, as nothing in the product does. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

export function plainAnswer(status: number, text = ''): Answer {
  const headers = text ? ([['content-type', 'text/plain; charset=utf-8']] as const) : [];
  return { status, headers, body: new TextEncoder().encode(text) };
}

export const NOT_FOUND = plainAnswer(404, 'Not Found\n');
