import { type Answer, emptyAnswer, errorAnswer } from '../answer.js';
import type { RawRequest } from '../raw-request.js';
import { proxy } from './proxy.js';
import type { MatchRedirect, Redirect } from './redirects.js';
import { notFound, staticFile } from './static-files.js';
import type { HeadersOf } from './static-headers.js';

export interface SiteOptions {
  readonly callFunction: (name: string, request: RawRequest) => Promise<Answer>;
  readonly publishFolder: string;
  readonly matchRedirect: MatchRedirect;
  readonly headersOf: HeadersOf;
}

const FUNCTION = /^\/\.netlify\/functions\/([^/]+)(?:\/.*)?$/;

/**
 * What a deploy answers: functions, then redirects and published files, and 404 for all else.
 * A file comes before a redirect, unless that is forced.
 */
export function openSite(options: SiteOptions): (request: RawRequest) => Promise<Answer> {
  const { callFunction, publishFolder, matchRedirect, headersOf } = options;

  async function file(
    { method, url }: RawRequest,
    pathname = url.pathname,
  ): Promise<Answer | undefined> {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const found = await staticFile(publishFolder, pathname);
    return found && withHeaders(found, url.pathname);
  }

  async function missing({ url }: RawRequest): Promise<Answer> {
    return withHeaders(await notFound(publishFolder), url.pathname);
  }

  function withHeaders(answer: Answer, pathname: string): Answer {
    const ruled = headersOf(pathname);
    const names = new Set(ruled.map(([name]) => name.toLowerCase()));
    const own = answer.headers.filter(([name]) => !names.has(name));
    return { ...answer, headers: [...own, ...ruled] };
  }

  async function follow(redirect: Redirect, request: RawRequest): Promise<Answer> {
    const { status, target, isExternal } = redirect;
    if (status >= 300 && status < 400) {
      const location = isExternal ? target.href : target.href.slice(target.origin.length);
      return { ...emptyAnswer(status), headers: [['location', location]] };
    }
    if (isExternal) return proxy(redirect, request);
    const name = functionOf(target.pathname);
    // Behind a rewrite a function sees the path that was asked for, and the target's query.
    const url = new URL(request.url);
    url.search = target.search;
    if (name !== undefined) return callFunction(name, { ...request, url });
    const found = await file(request, target.pathname);
    return found ? { ...found, status } : missing(request);
  }

  return async (request) => {
    const { pathname } = request.url;
    const name = functionOf(pathname);
    if (name !== undefined) return callFunction(name, request);
    if (pathname.startsWith('/.netlify/')) {
      return errorAnswer(404, 'NOT_FOUND', `There is nothing at ${pathname}.`);
    }
    const redirect = matchRedirect(request);
    if (redirect?.force) return follow(redirect, request);
    const found = await file(request);
    if (found) return found;
    return redirect ? follow(redirect, request) : missing(request);
  };
}

function functionOf(pathname: string): string | undefined {
  return FUNCTION.exec(pathname)?.[1];
}
