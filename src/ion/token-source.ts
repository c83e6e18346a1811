import type { Clock } from '../clock.js';
import type { IonCredentials } from '../config/ion-credentials.js';
import type { Http } from './http.js';
import type { StoredToken, TokenStore } from './stored-token.js';
import { type CallOptions, withTimeLimit } from './time-limit.js';
import { sharedToken } from './token-renewal.js';
import { createTokenRequest } from './token-request.js';

export interface TokenSource {
  /**
   * A token that is good for some time yet: the one at hand, else the store's, else a new
   * one. Callers at the same time share one request. Tried once; the caller retries.
   * @throws AppError ION_AUTH_REFUSED; LAKE_UNREACHABLE, LAKE_TIMEOUT, LAKE_SERVER_ERROR,
   *   LAKE_QUOTA, LAKE_BAD_ANSWER, which are transient
   */
  get(options?: CallOptions): Promise<string>;
  /**
   * Tells that the gateway refused `token`: it is not given out again.
   * @returns whether this source had requested it itself; else it came from the store
   */
  refused(token: string): boolean;
}

interface TokenSourceOptions {
  readonly credentials: IonCredentials;
  readonly http: Http;
  readonly clock: Clock;
  readonly store?: TokenStore | undefined;
}

// A token is renewed this long before its end, or after 90 % of a short life.
const MARGIN_MS = 5 * 60_000;

/**
 * Infor asks clients to use a token until it expires, and one edition grants 100 tokens a day:
 * hence one for all, as long as it lives.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { credentials, clock, store } = options;
  const requestToken = createTokenRequest(options);
  const { host } = new URL(credentials.tokenUrl);
  let current: StoredToken | undefined;
  let requested: StoredToken | undefined;
  let refusedToken: string | undefined;
  let pending: Promise<StoredToken> | undefined;

  const usable = (token: StoredToken | undefined): token is StoredToken =>
    token !== undefined &&
    token.token !== refusedToken &&
    clock.now() < token.expiresAt - Math.min(MARGIN_MS, (token.expiresAt - token.issuedAt) / 10);

  const request = async () => {
    requested = await requestToken();
    return requested;
  };
  const obtain = () => (store ? sharedToken({ store, request, usable, clock }) : request());
  const share = () => {
    pending ??= obtain()
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  return {
    async get({ deadline = Number.POSITIVE_INFINITY, signal } = {}) {
      if (usable(current)) return current.token;
      // The request belongs to all who wait, so one's deadline ends only that one's wait.
      return (await withTimeLimit(host, deadline - clock.now(), signal, share)).token;
    },
    refused(token) {
      // A late refusal of an earlier token says nothing about the one that came after it.
      if (token === current?.token) refusedToken = token;
      return token === requested?.token;
    },
  };
}
