import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { IonCredentials } from '../config/ion-credentials.js';
import { createSealer } from '../security/sealing.js';
import type { SharedState } from './shared-state.js';
import type { TokenStore } from './stored-token.js';

interface TokenStoreOptions {
  readonly credentials: IonCredentials;
  readonly shared: SharedState;
  readonly clock: Clock;
  /** Milliseconds after which a renewal that brought nothing is another instance's; default 10 s. */
  readonly leaseMs?: number;
}

/** Far above the time of a token request, far below the gateway's patience. */
const LEASE_MS = 10_000;
/** A document under renewal is kept this long, so that its removal does not end the lease. */
const KEEP_MS = 60 * 60_000;

const tokenSchema = z.object({
  token: z.string().min(1),
  issuedAt: z.number(),
  expiresAt: z.number(),
});

/** The token store in MongoDB. What it holds can only be read with the client's secret. */
export function createTokenStore(options: TokenStoreOptions): TokenStore {
  const { credentials, shared, clock, leaseMs = LEASE_MS } = options;
  const sealer = createSealer(credentials.clientSecret, 'ion token');
  const _id = tokenId(credentials);
  const owner = randomUUID();

  return {
    async load() {
      const read = await shared(({ ionTokens }) => ionTokens.findWithNow(_id));
      const { sealed, renewal, now } = read ?? {};
      // Whatever anybody may have put there.
      const text = typeof sealed === 'string' ? sealer.open(sealed, _id) : undefined;
      const token = text === undefined ? undefined : tokenSchema.safeParse(JSON.parse(text)).data;
      return {
        ...(token && { token }),
        renewing: !!renewal && !!now && renewal.at.getTime() + leaseMs > now.getTime(),
        claim: () => {
          const expiresAt = new Date(clock.now() + KEEP_MS);
          return shared(({ ionTokens }) => ionTokens.claimRenewal(read, { _id, owner, expiresAt }));
        },
      };
    },
    async save(token) {
      const sealed = sealer.seal(JSON.stringify(token), _id);
      const expiresAt = new Date(token.expiresAt);
      await shared(async ({ ionTokens, usages }) => {
        await ionTokens.save({ _id, sealed, expiresAt });
        // The token counts whether or not it is counted.
        await usages.countToken().catch(() => undefined);
      });
    },
    async release() {
      await shared(({ ionTokens }) => ionTokens.releaseRenewal({ _id, owner }));
    },
  };
}

/** Names the account without telling anything of it. */
function tokenId({ tenant, clientId, accessKey }: IonCredentials): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, clientId, accessKey]))
    .digest('hex');
}
