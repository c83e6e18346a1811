import { type Answer, NOT_FOUND, plainAnswer } from './answer.js';
import { runInBackground } from './background.js';
import type { Functions } from './functions.js';
import { type RawRequest, toRequest } from './raw-request.js';
import { routeOf } from './route.js';
import type { SiteConfig } from './site-config.js';
import { staticFile } from './static-files.js';

/** The platform's limit on a background function's payload; larger ones never start it. */
const BACKGROUND_BYTES = 256 * 1024;
const MINUTE_MS = 60_000;

export interface SiteOptions {
  readonly functions: Functions;
  readonly publishFolder: string;
  readonly redirect: SiteConfig['redirect'];
  readonly rerunPausesMs: readonly number[];
  readonly log: (line: string) => void;
}

export interface Site {
  answer(request: RawRequest): Promise<Answer>;
  /** Runs a scheduled function as the platform's clock does. */
  tick(name: string): Promise<Answer>;
}

/** What a deploy answers: functions, the rewrite to them, published files, and 404 for all else. */
export function openSite({ functions, ...options }: SiteOptions): Site {
  const { publishFolder, redirect, rerunPausesMs, log } = options;

  async function call(name: string, raw: RawRequest): Promise<Answer> {
    if (name.endsWith('-background')) return callInBackground(name, raw);
    const request = functions.isScheduled(name) ? scheduledRequest(raw) : raw;
    const { answer, failure } = await functions.invoke(name, toRequest(request));
    if (failure) log(`${name} failed: ${failure.message}`);
    return answer;
  }

  function callInBackground(name: string, raw: RawRequest): Answer {
    if ((raw.body?.length ?? 0) > BACKGROUND_BYTES) return plainAnswer(413, 'Payload Too Large\n');
    const run = async () => (await functions.invoke(name, toRequest(raw))).failure;
    void runInBackground(name, run, rerunPausesMs, log);
    return plainAnswer(202);
  }

  return {
    async answer(raw) {
      const route = routeOf(raw.url.pathname, redirect);
      if (route.kind === 'function') {
        return functions.has(route.name) ? call(route.name, raw) : NOT_FOUND;
      }
      const isRead = raw.method === 'GET' || raw.method === 'HEAD';
      return isRead ? staticFile(publishFolder, route.path) : NOT_FOUND;
    },
    async tick(name) {
      if (!functions.isScheduled(name)) throw new Error(`${name} is no scheduled function.`);
      const url = new URL(`http://127.0.0.1/.netlify/functions/${name}`);
      return call(name, { url, method: 'POST', headers: new Headers(), body: undefined });
    },
  };
}

/**
 * Whoever calls a scheduled function here, it sees what the platform's clock sends: deployed
 * it has no URL. functions-dev does so too, but from the second call on only.
 */
function scheduledRequest(raw: RawRequest): RawRequest {
  const headers = new Headers(raw.headers);
  headers.set('user-agent', 'Netlify Clockwork');
  headers.set('x-nf-event', 'schedule');
  headers.set('content-type', 'application/json');
  headers.delete('content-length');
  const next = { next_run: new Date(Date.now() + MINUTE_MS).toISOString() };
  const body = raw.body ?? new TextEncoder().encode(JSON.stringify(next));
  return { url: raw.url, method: 'POST', headers, body };
}
