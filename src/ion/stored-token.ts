/** A token and its time; both times in epoch milliseconds. */
export interface StoredToken {
  readonly token: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What a store holds at one time. */
export interface TokenReading {
  readonly token?: StoredToken;
  /** Another instance is getting a new token just now. */
  readonly renewing: boolean;
  /**
   * Takes the right to renew what was read, for a short time.
   * @returns false where the token or its renewal has changed since
   */
  claim(): Promise<boolean>;
}

/**
 * A place where a token outlives the process and is shared by all instances. It is a cache: one
 * that fails counts as empty, so no method's rejection stops a call.
 */
export interface TokenStore {
  load(): Promise<TokenReading>;
  /** Ends the renewal, too. */
  save(token: StoredToken): Promise<void>;
  /** Gives the right to renew back unused. */
  release(): Promise<void>;
}
