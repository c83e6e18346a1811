import type { Clock } from '../clock.js';
import type { StoredToken, TokenStore } from './stored-token.js';

interface TokenRenewal {
  readonly store: TokenStore;
  /** Gets a new token from the authorisation server. */
  readonly request: () => Promise<StoredToken>;
  readonly usable: (token: StoredToken | undefined) => token is StoredToken;
  readonly clock: Clock;
}

const POLL_MS = 200;
/** Twenty seconds: long enough that after an instance that died one of the others renews. */
const POLLS = 100;

/**
 * The stored token if it is usable, else a new one, which one instance gets for all: the others
 * wait for it. Who waits in vain, or can't reach the store, gets a token of his own.
 * @throws AppError what `request` throws
 */
export async function sharedToken(renewal: TokenRenewal): Promise<StoredToken> {
  const { store, request, usable, clock } = renewal;
  for (let poll = 0; poll < POLLS; poll++) {
    const read = await store.load().catch(() => undefined);
    if (!read) break;
    if (usable(read.token)) return read.token;
    if (!read.renewing && (await read.claim().catch(() => false))) return renew(renewal);
    await clock.sleep(POLL_MS);
  }
  const fresh = await request();
  // The store has just been out of reach: if it is again, the others find the token there.
  void save(store, fresh);
  return fresh;
}

async function renew({ store, request }: TokenRenewal): Promise<StoredToken> {
  try {
    const fresh = await request();
    await save(store, fresh);
    return fresh;
  } catch (error) {
    await store.release().catch(() => undefined);
    throw error;
  }
}

async function save(store: TokenStore, token: StoredToken): Promise<void> {
  await store.save(token).catch(() => undefined);
}
