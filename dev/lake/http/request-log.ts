import type { RequestKind, RequestLogEntry } from '../types.js';
import type { Answer } from './answer.js';
import type { Call } from './call.js';

/** Every request through Infor's API, in the order in which they were answered. */
export class RequestLog {
  #entries: RequestLogEntry[] = [];

  get entries(): readonly RequestLogEntry[] {
    return this.#entries;
  }

  add(call: Call, at: number, answer: Answer): void {
    this.#entries.push({
      at,
      method: call.method,
      path: call.path,
      query: Object.fromEntries(call.query),
      kind: kindOf(call),
      status: answer.status,
      ms: Date.now() - at,
      ...answer.log,
    });
  }

  clear(): void {
    this.#entries = [];
  }
}

function kindOf({ route }: Call): RequestKind {
  return route === undefined || route.kind === 'control' ? 'other' : route.kind;
}
