import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** A call of Compass on its way to the lake. */
export interface PassingCall {
  readonly kind: 'submit' | 'status' | 'result' | 'other';
  /** The statement that it submits, or that its query is about. */
  readonly sql: string;
  readonly offset: number;
}

export interface PassingAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Makes another answer out of the lake's own. */
export type Spoil = (call: PassingCall, answer: PassingAnswer) => PassingAnswer;

/**
 * Stands between backend and lake and spoils answers that the lake's own faults can't give.
 * @param target the lake's URL
 */
export async function spoilingProxy(target: string) {
  const statements = new Map<string, string>();
  let spoil: Spoil = (_call, answer) => answer;
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    const call = callOf(request.url ?? '/', body, statements);
    const forwarded = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      ...(body !== '' && { body }),
    });
    const text = await forwarded.text();
    if (call.kind === 'submit' && forwarded.ok) statements.set(JSON.parse(text).queryId, body);
    const type = forwarded.headers.get('content-type') ?? 'application/json';
    const answer = spoil(call, { status: forwarded.status, type, body: text });
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on; without an argument answers go through as they are. */
    spoil(next: Spoil = (_call, answer) => answer): void {
      spoil = next;
    },
  };
}

/** The rows of a result page, changed. */
export function changeRows(
  answer: PassingAnswer,
  change: (rows: Record<string, unknown>[]) => unknown,
): PassingAnswer {
  return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body))) };
}

const NOT_FORWARDED = [
  'host',
  'connection',
  'content-length',
  'accept-encoding',
  'transfer-encoding',
];

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => typeof value === 'string' && !NOT_FORWARDED.includes(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function callOf(url: string, body: string, statements: ReadonlyMap<string, string>): PassingCall {
  const { pathname, searchParams } = new URL(url, 'http://lake');
  const offset = Number(searchParams.get('offset') ?? 0);
  const [, queryId = '', name] = /\/jobs\/([^/]+)\/(status|result)/.exec(pathname) ?? [];
  if (/\/jobs\/?$/.test(pathname)) return { kind: 'submit', sql: body, offset };
  const kind = name === 'status' || name === 'result' ? name : 'other';
  return { kind, sql: statements.get(decodeURIComponent(queryId)) ?? '', offset };
}
