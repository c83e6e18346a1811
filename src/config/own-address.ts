import { isLoopback } from './loopback.js';

/** What names this site: addresses without a slash at their end. */
export interface OwnAddresses {
  /** The site's main address (Netlify's `URL`), which is the production site on a preview too. */
  readonly siteUrl: string | undefined;
  /** Further addresses of this deploy (`DEPLOY_URL`, `DEPLOY_PRIME_URL`) where they are known. */
  readonly deployUrls: readonly string[];
  /** The site's subdomain of netlify.app (`SITE_NAME`). */
  readonly siteName: string | undefined;
  /** True under a local Netlify runtime. */
  readonly local: boolean;
}

/**
 * The address at which this deploy reaches its own functions: the one that the request came to,
 * if that is ours, else the site's main one. The host of a request is the caller's choice, so
 * nothing is sent to it before the platform's own variables have vouched for it.
 *
 * At runtime Netlify sets URL and SITE_NAME. A preview, a branch and a single deploy answer
 * under `<prefix>--<SITE_NAME>.netlify.app`; Netlify allows no `--` in a site's name.
 * @param requestUrl as the platform gives it
 * @returns undefined where no address is known to be ours
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
