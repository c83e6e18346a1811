import type { Settings } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';

const FIXED = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Cache-Control, Pragma, X-Request-Id, If-Match, Idempotency-Key',
  'Access-Control-Expose-Headers': 'ETag, Location, Retry-After, Allow, X-Request-Id',
  'Access-Control-Max-Age': '86400',
  Vary: 'Origin',
} as const;

/**
 * The CORS headers, the same on every answer. Without ALLOWED_ORIGINS any page may call,
 * since it has to send a token; where no token is asked for, only pages of this machine.
 */
export function corsHeaders(
  settings: Pick<Settings, 'allowedOrigins' | 'apiToken' | 'apiAuth'> | undefined,
  origin: string | null,
): Record<string, string> {
  const allowed = settings ? allowedOrigin(settings, origin) : undefined;
  return { ...FIXED, ...(allowed && { 'Access-Control-Allow-Origin': allowed }) };
}

/**
 * Whether no page of a foreign site has sent the request: a browser names the page's origin with
 * every call that may change something.
 */
export function isFromOwnPage(
  settings: Pick<Settings, 'allowedOrigins' | 'apiToken' | 'apiAuth'>,
  { url, headers }: Request,
): boolean {
  const origin = headers.get('origin');
  if (origin !== null) {
    return origin === new URL(url).origin || allowedOrigin(settings, origin) !== undefined;
  }
  return ['same-origin', 'none', null].includes(headers.get('sec-fetch-site'));
}

function allowedOrigin(
  { allowedOrigins, apiToken, apiAuth }: Pick<Settings, 'allowedOrigins' | 'apiToken' | 'apiAuth'>,
  origin: string | null,
): string | undefined {
  if (allowedOrigins.includes('*')) return '*';
  if (allowedOrigins.length > 0) {
    return origin !== null && allowedOrigins.includes(origin) ? origin : undefined;
  }
  if (apiToken !== undefined && apiAuth === 'token') return '*';
  const local = origin !== null && URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  return local ? origin : undefined;
}
