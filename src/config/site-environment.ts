import { isLoopback } from './loopback.js';
import type { OwnAddresses } from './own-address.js';

/** `preview`: a preview, a branch or a single deploy of the site. */
export type SiteEnvironment = 'production' | 'preview' | 'local';

/**
 * Which environment answers, by the address that `ownAddress` has confirmed.
 * @param siteUrl the base URL of this deploy's functions; undefined: none is known
 */
export function siteEnvironment(
  siteUrl: string | undefined,
  { local, siteUrl: main, siteName }: OwnAddresses,
): SiteEnvironment {
  if (local) return 'local';
  const host = hostOf(siteUrl);
  if (host === undefined) return 'production';
  if (isLoopback(host.replace(/:\d+$/, ''))) return 'local';
  const isMain = host === hostOf(main) || host === `${siteName}.netlify.app`;
  return isMain ? 'production' : 'preview';
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).host;
}
