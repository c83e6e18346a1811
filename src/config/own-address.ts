import { isLoopback } from './loopback.js';

/** The addresses of this site, without a trailing slash. */
export interface OwnAddresses {
  /** The site's main address (Netlify's `URL`), which is the production site on a preview too. */
  readonly siteUrl: string | undefined;
  /** Further addresses of this deploy (`DEPLOY_URL`, `DEPLOY_PRIME_URL`) if they are known. */
  readonly deployUrls: readonly string[];
  /** The site's subdomain of netlify.app (`SITE_NAME`). */
  readonly siteName: string | undefined;
  /** True under a local Netlify runtime. */
  readonly local: boolean;
}

/**
 * The address at which this deploy reaches its own functions: the one that received the request,
 * if it belongs to the site, otherwise the site's main one. The caller chooses the host of a
 * request, so nothing is sent to it unless the platform's own variables confirm it.
 *
 * At runtime Netlify sets URL and SITE_NAME. A preview, a branch and a single deploy answer
 * under `<prefix>--<SITE_NAME>.netlify.app`; Netlify allows no `--` in a site's name.
 * @param requestUrl as the platform gives it
 * @returns undefined if no address is known to belong to the site
 */
export function ownAddress(requestUrl: string, own: OwnAddresses): string | undefined {
  const { origin, host, hostname } = new URL(requestUrl);
  const { siteUrl, deployUrls, siteName, local } = own;
  const known = [siteUrl, ...deployUrls].filter((url) => url !== undefined);
  const exact = known.find((url) => new URL(url).host === host);
  if (exact !== undefined) return exact;
  if (siteName !== undefined && isOfSite(host, siteName)) return `https://${host}`;
  if (isLoopback(hostname) && (local || siteUrl === undefined)) return origin;
  return siteUrl;
}

function isOfSite(host: string, siteName: string): boolean {
  const domain = `${siteName}.netlify.app`;
  return (
    host === domain || (host.endsWith(`--${domain}`) && /^[a-z0-9-]+\.netlify\.app$/.test(host))
  );
}
