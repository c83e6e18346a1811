import { join } from 'node:path';
import { parseAllRedirects } from '@netlify/redirect-parser';
import redirector, { type RedirectMatch, type RedirectRequest } from 'netlify-redirector';
import { headerOf, type RawRequest } from '../raw-request.js';

/** Where a request is sent by the first rule that applies. */
export interface Redirect {
  readonly status: number;
  /** Applies also where the path is that of a published file. */
  readonly force: boolean;
  /** The request's query stands in it where the rule names none of its own. */
  readonly target: URL;
  /** A URL of another site, which a status of 200 has called. */
  readonly isExternal: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export type MatchRedirect = (request: RawRequest) => Redirect | undefined;

interface Rule {
  readonly from: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly signed?: string;
  readonly conditions?: Readonly<Record<string, unknown>>;
  readonly rate_limit?: unknown;
}

/** What the platform knows of a caller and nothing here does. */
const UNKNOWN_HERE: Readonly<Record<string, string>> = {
  Country: 'it applies to callers with the cookie nf_country only',
  JWT: 'it applies to nobody',
  Role: 'it applies to nobody',
};

/**
 * The redirects of netlify.toml and of the published `_redirects`, read by Netlify's parser and
 * matched by Netlify's matcher: splats, placeholders, query parameters, conditions, order.
 */
export async function openRedirects(
  configured: readonly Readonly<Record<string, unknown>>[],
  publishFolder: string,
  log: (line: string) => void,
): Promise<MatchRedirect> {
  const { redirects, errors } = await parseAllRedirects({
    redirectsFiles: [join(publishFolder, '_redirects')],
    // Its types ask for texts; it takes what netlify.toml holds.
    configRedirects: [...configured] as unknown as string[],
    minimal: false,
  });
  for (const error of errors) log(`A redirect is left out: ${describe(error)}`);
  // The parser's own shape, which it declares as unknown.
  const rules = redirects as Rule[];
  for (const rule of rules) reportUnknown(rule, log);
  if (rules.length === 0) return () => undefined;
  const json = rules.map(({ from, query, signed, ...rest }) => ({
    ...rest,
    origin: from,
    params: query,
  }));
  const matcher = await redirector.parseJSON(JSON.stringify(json), {});
  return (request) => {
    const question = questionOf(request);
    const match = question && matcher.match(question);
    return match ? redirectOf(match, request.url) : undefined;
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reportUnknown(
  { from, conditions = {}, signed, rate_limit }: Rule,
  log: (line: string) => void,
) {
  for (const name of Object.keys(conditions)) {
    const consequence = UNKNOWN_HERE[name];
    if (consequence) log(`The redirect from ${from} asks for ${name}: here ${consequence}.`);
  }
  if (signed) log(`The redirect from ${from} is not signed here.`);
  if (rate_limit) log(`The redirect from ${from} has no rate limit here.`);
}

function questionOf(request: RawRequest): RedirectRequest | undefined {
  const { url } = request;
  const cookies = cookiesOf(headerOf(request, 'cookie'));
  const headers: Record<string, string> = Object.assign(Object.create(null), {
    ...Object.fromEntries(request.headers),
    'x-language': cookies.nf_lang ?? (headerOf(request, 'accept-language').slice(0, 2) || 'en'),
    'x-country': cookies.nf_country ?? '',
  });
  const path = decoded(url.pathname);
  if (path === undefined) return undefined;
  return {
    scheme: url.protocol.slice(0, -1),
    host: url.hostname,
    path,
    query: url.search.slice(1),
    headers,
    cookieValues: cookies,
    getHeader: (name) => headers[name.toLowerCase()] ?? '',
    getCookie: (name) => cookies[name] ?? '',
  };
}

/** Rules are written as people read a path; what would end it or split it stays encoded. */
function decoded(pathname: string): string | undefined {
  try {
    return decodeURI(pathname);
  } catch {
    return undefined;
  }
}

function cookiesOf(header: string): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of header.split(';')) {
    const [name = '', ...value] = pair.split('=');
    if (name.trim()) cookies[name.trim()] = value.join('=').trim();
  }
  return cookies;
}

function redirectOf(match: RedirectMatch, url: URL): Redirect | undefined {
  const isExternal = /^https?:\/\//i.test(match.to);
  // Not resolved against the request's URL: there `//x/y` would be another host.
  const text = isExternal ? match.to : `${url.origin}/${match.to.replace(/^\/+/, '')}`;
  if (!URL.canParse(text)) return undefined;
  const target = new URL(text);
  if (target.search === '') target.search = url.search;
  const { status, force, force404, proxyHeaders } = match;
  return { status: force404 ? 404 : status, force, target, isExternal, headers: proxyHeaders };
}
