import type { Settings } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';

const FIXED = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Request-Id',
  'Access-Control-Expose-Headers': 'X-Request-Id, Retry-After',
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

function allowedOrigin(
  { allowedOrigins, apiTokens, apiAuth, local }: OriginSettings,
  origin: string | null,
): string | undefined {
  if (allowedOrigins.includes('*')) return '*';
  if (allowedOrigins.length > 0) {
    return origin !== null && allowedOrigins.includes(origin) ? origin : undefined;
  }
  const isOpen = apiAuth === 'none' || (local && apiTokens.length === 0);
  if (!isOpen) return '*';
  const isLocal = origin !== null && URL.canParse(origin) && isLoopback(new URL(origin).hostname);
  return isLocal ? origin : undefined;
}
