import { isLoopback } from './loopback.js';

/** A usable URL, or what is wrong with the text (which is never part of the message). */
export type Checked = { readonly url: string } | { readonly problem: string };

/**
 * The gateway's base: `iu` without a trailing slash.
 * Source: Infor's .ionapi format, `{iu}/{ti}/…` is the address of every API.
 */
export function gatewayUrl(iu: string, tenant: string): Checked {
  const checked = baseUrl(iu);
  if ('problem' in checked) return checked;
  const url = checked.url.replace(/\/+$/, '');
  return url.endsWith(`/${tenant}`)
    ? { problem: 'must be the base of the gateway, without the tenant' }
    : { url };
}

/**
 * The token endpoint: `pu` and the token path (`ot`, ION_TOKEN_PATH) appended to it. Without a
 * path, `pu` is a whole token URL, or ends in `/as/` as it does in the cloud (the slash may be
 * missing). On premises it is another one, e.g. `…/InforIntSTS/` and `connect/token`.
 */
export function tokenUrl(pu: string, ot?: string): Checked {
  const checked = baseUrl(pu);
  if ('problem' in checked) return checked;
  const { url } = checked;
  if (ot === undefined ? isTokenUrl(url) : url.endsWith(`/${ot}`)) return { url };
  if (isTokenUrl(url)) return { problem: `is a token endpoint, and another one than ${ot}` };
  if (ot !== undefined) return { url: `${slashed(url)}${ot}` };
  return slashed(url).endsWith('/as/')
    ? { url: `${slashed(url)}${DEFAULT_TOKEN_PATH}` }
    : { problem: 'must end in /as/, or ION_TOKEN_PATH must name the path of the token endpoint' };
}

export const DEFAULT_TOKEN_PATH = 'token.oauth2';
/** In the cloud, and of the token service on premises. */
const TOKEN_PATHS = [DEFAULT_TOKEN_PATH, 'connect/token'];

/** Whether it is the address of the endpoint itself, not that of the server. */
export function isTokenUrl(url: string): boolean {
  return TOKEN_PATHS.some((path) => url.endsWith(`/${path}`));
}

const slashed = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

function baseUrl(text: string): Checked {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { problem: 'must be an address that begins with https://' };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { problem: 'must begin with https://, so that no secret travels in plain text' };
  }
  if (url.username || url.password || url.search || url.hash) {
    return { problem: 'must be an address without user, password, ? and #' };
  }
  return { url: url.href };
}
