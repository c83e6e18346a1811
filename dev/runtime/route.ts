import type { SiteConfig } from './site-config.js';

export type Route =
  | { readonly kind: 'function'; readonly name: string }
  /** A path below the published folder; there may be no such file. */
  | { readonly kind: 'file'; readonly path: string };

const FUNCTION = /^\/\.netlify\/functions\/([\w-]+)(?:\/.*)?$/;

/** What a URL's path leads to, before it is known whether it exists. */
export function routeOf(pathname: string, redirect: SiteConfig['redirect']): Route {
  const name = FUNCTION.exec(redirected(pathname, redirect))?.[1];
  return name === undefined ? { kind: 'file', path: pathname } : { kind: 'function', name };
}

function redirected(pathname: string, { from, to }: SiteConfig['redirect']): string {
  const prefix = from.replace(/\*$/, '');
  if (!pathname.startsWith(prefix)) return pathname;
  return to.replace(':splat', pathname.slice(prefix.length));
}
