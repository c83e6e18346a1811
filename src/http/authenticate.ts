import { createHash, timingSafeEqual } from 'node:crypto';
import type { Settings } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';
import { AppError } from '../errors/app-error.js';
import type { Access, Caller } from './endpoint.js';

/** The caller if no token is required. */
export const ANYONE: Caller = { name: 'anyone', may: 'write' };

/**
 * Refuses every request unless a token is set, the site is protected by other means
 * (API_AUTH=none), or a local runtime is called on this machine's own address.
 * @returns undefined if the method is open to anyone
 * @throws API_TOKEN_UNSET, NOT_AUTHORIZED, FORBIDDEN
 */
export function authenticate(
  settings: Settings,
  request: Request,
  access: Access,
): Caller | undefined {
  if (access === 'none') return undefined;
  if (settings.apiAuth === 'none') return ANYONE;
  if (!settings.apiTokens.some(({ may }) => may === 'write')) {
    const { local, ignoredTokens } = settings;
    if (local && isLoopback(new URL(request.url).hostname) && hostIsLoopback(request)) {
      return ANYONE;
    }
    throw new AppError('API_TOKEN_UNSET', undefined, {
      details: ignoredTokens.map(({ name, reason }) => ({ field: name, message: reason })),
    });
  }
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (given === undefined) throw new AppError('NOT_AUTHORIZED');
  // Compares with all of them, so that the time reveals nothing.
  const [token] = settings.apiTokens.filter(({ value }) => same(given, value));
  if (token === undefined) throw new AppError('NOT_AUTHORIZED');
  if (token.may === 'read' && access !== 'read') throw new AppError('FORBIDDEN');
  return { name: token.name, may: token.may };
}

/** A page of another site can reach a local server under its own host name (DNS rebinding). */
function hostIsLoopback(request: Request): boolean {
  const host = request.headers.get('host');
  return (
    host === null ||
    (URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname))
  );
}

/** Compares in a time that reveals nothing about the tokens, including their lengths. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
