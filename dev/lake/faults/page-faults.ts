import type { Answer } from '../http/answer.js';
import type { Call } from '../http/call.js';
import type { Fault } from './fault.js';

interface AnsweredPage {
  readonly offset: number;
  readonly rows: number;
}

/** The page that was answered last for each query. */
export class AnsweredPages {
  readonly #pages = new Map<string, AnsweredPage>();

  last(queryId: string): AnsweredPage | undefined {
    return this.#pages.get(queryId);
  }

  /** Remembers the page where the client got one in full. */
  note({ route, query }: Call, { status, transport, log }: Answer): void {
    if (route?.kind !== 'result' || status !== 200 || transport !== undefined) return;
    if (log?.rows === undefined) return;
    const offset = Number(query.get('offset') ?? 0);
    this.#pages.set(route.argument, { offset, rows: log.rows });
  }
}

/** The call that asks for the page which the faults make of the one asked for. */
export function withPageFaults(call: Call, faults: readonly Fault[], pages: AnsweredPages): Call {
  const last = pages.last(call.route?.argument ?? '');
  const query = new URLSearchParams(call.query);
  for (const { kind } of faults) {
    const limit = query.get('limit');
    if (kind === 'shortPage') {
      query.set('limit', String(Math.max(1, Math.floor(Number(limit ?? 2) / 2))));
    } else if (kind === 'longPage' && limit !== null) {
      query.set('limit', String(Number(limit) * 2));
    } else if (kind === 'ignoredOffset') {
      query.delete('offset');
    } else if (kind === 'emptyPage') {
      askFor(query, { offset: 0, rows: 0 });
    } else if (kind === 'repeatedPage' && last) {
      askFor(query, last);
    }
  }
  return { ...call, query };
}

/** The page with the bytes of a `rawBytes` fault. */
export function withRawBytes(body: Answer['body'], { text, hex = '' }: Fault): Buffer {
  const page = Buffer.from(body);
  const bytes = Buffer.from(hex, 'hex');
  if (text === undefined) return bytes;
  const at = page.indexOf(text);
  if (at < 0) return page;
  const after = at + Buffer.byteLength(text);
  return Buffer.concat([page.subarray(0, at), bytes, page.subarray(after)]);
}

/** An empty page is asked for at the first row, where no setting turns it into a refusal. */
function askFor(query: URLSearchParams, { offset, rows }: AnsweredPage): void {
  query.set('offset', String(rows === 0 ? 0 : offset));
  query.set('limit', String(rows));
}
