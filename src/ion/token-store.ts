import { createHash, randomUUID } from 'node:crypto';
import type { mongo } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { IonCredentials } from '../config/ion-credentials.js';
import type { IonToken } from '../models/ion-token.js';
import { createSealer } from '../security/sealing.js';
import { isDuplicateKey } from '../store/driver/mongo-error.js';
import { native } from '../store/driver/native.js';
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

  /** Takes the renewal if token and lease are still as they were read. */
  async function claim(read: IonToken | undefined): Promise<boolean> {
    const asRead: mongo.Filter<IonToken> = {
      _id,
      sealed: read?.sealed ?? { $exists: false },
      'renewal.owner': read?.renewal?.owner ?? { $exists: false },
    };
    const update: mongo.UpdateFilter<IonToken> = {
      $set: { 'renewal.owner': owner, expiresAt: new Date(clock.now() + KEEP_MS) },
      $currentDate: { 'renewal.at': true },
    };
    return shared(async ({ tokens }) => {
      try {
        const options = { upsert: read === undefined };
        const result = await native(tokens).updateOne(asRead, update, options);
        return result.matchedCount + result.upsertedCount > 0;
      } catch (error) {
        if (isDuplicateKey(error)) return false; // inserted since
        throw error;
      }
    });
  }

  return {
    async load() {
      const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
      const [read] = await shared(({ tokens }) =>
        native(tokens).aggregate<IonToken & { now: Date }>(pipeline).toArray(),
      );
      const { sealed, renewal, now } = read ?? {};
      // Whatever anybody may have put there.
      const text = typeof sealed === 'string' ? sealer.open(sealed, _id) : undefined;
      const token = text === undefined ? undefined : tokenSchema.safeParse(JSON.parse(text)).data;
      return {
        ...(token && { token }),
        renewing: !!renewal && !!now && renewal.at.getTime() + leaseMs > now.getTime(),
        claim: () => claim(read),
      };
    },
    async save(token) {
      const sealed = sealer.seal(JSON.stringify(token), _id);
      const update: mongo.UpdateFilter<IonToken> = {
        $set: { sealed, expiresAt: new Date(token.expiresAt) },
        // Also another instance's: there is a token now, so nobody needs to get one.
        $unset: { renewal: '' },
      };
      await shared(({ tokens }) => native(tokens).updateOne({ _id }, update, { upsert: true }));
    },
    async release() {
      const ours: mongo.Filter<IonToken> = { _id, 'renewal.owner': owner };
      await shared(({ tokens }) => native(tokens).updateOne(ours, { $unset: { renewal: '' } }));
    },
  };
}

/** Names the account without telling anything of it. */
function tokenId({ tenant, clientId, accessKey }: IonCredentials): string {
  return createHash('sha256')
    .update(JSON.stringify([tenant, clientId, accessKey]))
    .digest('hex');
}
