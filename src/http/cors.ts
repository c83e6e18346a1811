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

type OriginSettings = Pick<Settings, 'allowedOrigins' | 'apiTokens' | 'apiAuth' | 'local'>;

/**
 * The CORS headers, the same on every answer. Without ALLOWED_ORIGINS any page may call, since it
 * has to send a token; where no token is asked for, only pages of this machine. A site whose
 * settings can't be read, or that has no token yet, answers nothing but why: any page may read that.
 */
export function corsHeaders(
  settings: OriginSettings | undefined,
  origin: string | null,
): Record<string, string> {
  const allowed = settings ? allowedOrigin(settings, origin) : '*';
  return { ...FIXED, ...(allowed && { 'Access-Control-Allow-Origin': allowed }) };
}

/**
 * Whether no page of a foreign site has sent the request: a browser names the page's origin with
 * every call that may change something.
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
  // As authentication has it: a read token alone closes no local site.
  const isOpen = apiAuth === 'none' || (local && !apiTokens.some(({ may }) => may === 'write'));
  if (!isOpen) return '*';
  const isLocal = origin !== null && URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  return isLocal ? origin : undefined;
}
