import type { Settings } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';

const FIXED = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Cache-Control, Pragma, X-Request-Id, If-Match, Idempotency-Key',
  'Access-Control-Expose-Headers':
    'ETag, Location, Retry-After, Allow, X-Request-Id, Idempotent-Replayed',
  'Access-Control-Max-Age': '86400',
  Vary: 'Origin, Accept',
} as const;

type OriginSettings = Pick<Settings, 'allowedOrigins' | 'apiTokens' | 'apiAuth' | 'local'>;

/**
 * The CORS headers, the same on every answer. Without ALLOWED_ORIGINS any page may call, since it
 * has to send a token; if no token is required, only pages of this machine may. A site whose
 * settings can't be read, or that has no token yet, only answers with the reason, which any page
 * may read.
 */
export function corsHeaders(
  settings: OriginSettings | undefined,
  origin: string | null,
): Record<string, string> {
  const allowed = settings ? allowedOrigin(settings, origin) : '*';
  return { ...FIXED, ...(allowed && { 'Access-Control-Allow-Origin': allowed }) };
}

/**
 * Whether the request was not sent by a page of a foreign site: browsers send the page's origin
 * with every request that may change something.
 */
export function isFromOwnPage(settings: OriginSettings, { url, headers }: Request): boolean {
  const origin = headers.get('origin');
  if (origin !== null) {
    return origin === new URL(url).origin || allowedOrigin(settings, origin) !== undefined;
  }
  return ['same-origin', 'none', null].includes(headers.get('sec-fetch-site'));
}

function allowedOrigin(
  { allowedOrigins, apiTokens, apiAuth, local }: OriginSettings,
  origin: string | null,
): string | undefined {
  if (allowedOrigins.includes('*')) return '*';
  if (allowedOrigins.length > 0) {
    return origin !== null && allowedOrigins.includes(origin) ? origin : undefined;
  }
  // As in authentication: a local site with only a read token still accepts requests without one.
  const isOpen = apiAuth === 'none' || (local && !apiTokens.some(({ may }) => may === 'write'));
  if (!isOpen) return '*';
  const isLocal = origin !== null && URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  return isLocal ? origin : undefined;
}
