import { createHash, timingSafeEqual } from 'node:crypto';
import type { Settings } from '../config/environment.js';
import { isLoopback } from '../config/loopback.js';
import { AppError } from '../errors/app-error.js';
import type { Access } from './endpoint.js';

/**
 * The door. Closed unless a token is set, the site says that it has a gate of its own
 * (API_AUTH=none), or a local runtime is called on this machine's own address.
 * @throws API_TOKEN_UNSET, NOT_AUTHORIZED, FORBIDDEN
 */
export function authenticate(settings: Settings, request: Request, access: Access): void {
  if (access === 'none' || settings.apiAuth === 'none') return;
  if (settings.apiToken === undefined) {
    if (settings.local && isLoopback(new URL(request.url).hostname) && hostIsLoopback(request)) {
      return;
    }
    throw new AppError('API_TOKEN_UNSET');
  }
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (token === undefined) throw new AppError('NOT_AUTHORIZED');
  const mayWrite = same(token, settings.apiToken);
  const mayRead = settings.apiReadToken !== undefined && same(token, settings.apiReadToken);
  if (mayWrite || (mayRead && access === 'read')) return;
  throw new AppError(mayRead ? 'FORBIDDEN' : 'NOT_AUTHORIZED');
}

/** A page of another site can reach a local server under a name of its own (DNS rebinding). */
function hostIsLoopback(request: Request): boolean {
  const host = request.headers.get('host');
  return (
    host === null ||
    (URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname))
  );
}

/** Compares in a time that tells nothing about the tokens, their lengths included. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
