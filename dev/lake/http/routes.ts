import { TENANT } from '../credentials.js';
import type { RequestKind } from '../types.js';

export interface Route {
  readonly kind: RequestKind | 'control';
  readonly method: string;
  /** The part of the path that differs: a query's id, a control's name. */
  readonly argument: string;
}

const COMPASS = `/${TENANT}/DATAFABRIC/compass/v2`;

/** A trailing slash is optional on every path of the gateway. */
const PATHS: readonly (readonly [Route['kind'], string, RegExp])[] = [
  ['token', 'POST', new RegExp(`^/${TENANT}/as/token\\.oauth2$`)],
  ['ping', 'GET', new RegExp(`^${COMPASS}/ping/?$`)],
  ['submit', 'POST', new RegExp(`^${COMPASS}/jobs/?$`)],
  ['status', 'GET', new RegExp(`^${COMPASS}/jobs/([^/]+)/status/?$`)],
  ['result', 'GET', new RegExp(`^${COMPASS}/jobs/([^/]+)/result/?$`)],
  ['cancel', 'PUT', new RegExp(`^${COMPASS}/jobs/([^/]+)/cancel/?$`)],
  ['control', 'POST', /^\/_control\/(\w+)$/],
];

export function findRoute(path: string): Route | undefined {
  for (const [kind, method, pattern] of PATHS) {
    const match = pattern.exec(path);
    if (match) return { kind, method, argument: match[1] ?? '' };
  }
  return undefined;
}
