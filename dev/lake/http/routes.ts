import type { CallKind } from '../types.js';

export interface Route {
  readonly kind: CallKind | 'control';
  readonly method: string;
  /** The part of the path that differs: a query's id, a control's name. */
  readonly argument: string;
}

type Paths = readonly (readonly [Route['kind'], string, RegExp])[];

export type FindRoute = (path: string) => Route | undefined;

/**
 * The paths of one tenant's gateway and of the controls; a path of another tenant is unknown.
 * @param tenant letters, digits, `_` and `-`.
 * @throws Error for another character, which a path would not take as it is.
 */
export function routesOf(tenant: string): FindRoute {
  if (!/^[\w-]+$/.test(tenant)) throw new Error(`'${tenant}' can't be the id of a tenant.`);
  const paths = pathsOf(tenant);
  return (path) => {
    for (const [kind, method, pattern] of paths) {
      const match = pattern.exec(path);
      if (match) return { kind, method, argument: match[1] ?? '' };
    }
    return undefined;
  };
}

/** A trailing slash is optional on every path of the gateway. */
function pathsOf(tenant: string): Paths {
  const compass = `/${tenant}/DATAFABRIC/compass/v2`;
  return [
    ['token', 'POST', new RegExp(`^/${tenant}/as/token\\.oauth2$`)],
    ['ping', 'GET', new RegExp(`^${compass}/ping/?$`)],
    ['submit', 'POST', new RegExp(`^${compass}/jobs/?$`)],
    ['status', 'GET', new RegExp(`^${compass}/jobs/([^/]+)/status/?$`)],
    ['result', 'GET', new RegExp(`^${compass}/jobs/([^/]+)/result/?$`)],
    ['cancel', 'PUT', new RegExp(`^${compass}/jobs/([^/]+)/cancel/?$`)],
    ['control', 'POST', /^\/_control\/(\w+)$/],
  ];
}
