import type { RequestKind, RequestLogEntry } from '../types.js';
import type { Answer } from './answer.js';
import type { Call } from './call.js';

/** Every request through Infor's API, in the order in which they ended. */
export class RequestLog {
  #entries: RequestLogEntry[] = [];

  get entries(): readonly RequestLogEntry[] {
    return this.#entries;
  }

  /** @param status 0 where the connection was dropped. */
  add(call: Call, at: number, status: number, answer: Answer | undefined): void {
    this.#entries.push({
      at,
      method: call.method,
      path: call.path,
      query: Object.fromEntries(call.query),
      kind: kindOf(call),
      status,
      ms: Date.now() - at,
      ...answer?.log,
    });
  }

  clear(): void {
    this.#entries = [];
  }
}

function kindOf({ route }: Call): RequestKind {
  return route === undefined || route.kind === 'control' ? 'other' : route.kind;
}
