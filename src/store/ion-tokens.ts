import type { mongo } from 'mongoose';
import type { IonToken } from '../models/ion-token.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

/** The claim of the instance that renews a token: a lease that starts when it is stored. */
interface Renewal {
  readonly _id: string;
  readonly owner: string;
  /** When MongoDB may remove the document. */
  readonly expiresAt: Date;
}

/**
 * Access tokens that all instances share: `iontokens`. Through the driver: a renewal is a lease by
 * MongoDB's clock (`$currentDate`), claimed only if the document is as it was read. Every operation
 * throws AppError MONGODB_*, and OUT_OF_TIME if the budget's deadline came first.
 */
export class IonTokenStore extends CollectionStore<IonToken> {
  /** The token, and MongoDB's time when it was read; undefined: there is none. */
  async findWithNow(_id: string): Promise<(IonToken & { now: Date }) | undefined> {
    const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
    const [found] = await this.run(() =>
      this.collection.aggregate<IonToken & { now: Date }>(pipeline).toArray(),
    );
    return found;
  }

  /**
   * Claims the renewal of a token.
   * @param read the token as it was read; undefined: there was none
   * @returns false if the token or its renewal has changed since
   */
  claimRenewal(read: IonToken | undefined, { _id, owner, expiresAt }: Renewal): Promise<boolean> {
    const asRead: mongo.Filter<IonToken> = {
      _id,
      sealed: read?.sealed ?? { $exists: false },
      'renewal.owner': read?.renewal?.owner ?? { $exists: false },
    };
    const update: mongo.UpdateFilter<IonToken> = {
      $set: { 'renewal.owner': owner, expiresAt },
      $currentDate: { 'renewal.at': true },
    };
    return this.run(async () => {
      try {
        const options = { upsert: read === undefined };
        const result = await this.collection.updateOne(asRead, update, options);
        return result.matchedCount + result.upsertedCount > 0;
      } catch (error) {
        if (isDuplicateKey(error)) return false; // inserted since
        throw error;
      }
    });
  }

  /** Stores a new token and ends the renewal, even another instance's: it is not needed any more. */
  async save({ _id, ...token }: Required<Pick<IonToken, '_id' | 'sealed' | 'expiresAt'>>) {
    const update: mongo.UpdateFilter<IonToken> = { $set: token, $unset: { renewal: '' } };
    await this.run(() => this.collection.updateOne({ _id }, update, { upsert: true }));
  }

  /** Ends a renewal that has failed. */
  async releaseRenewal({ _id, owner }: Pick<Renewal, '_id' | 'owner'>): Promise<void> {
    const ours: mongo.Filter<IonToken> = { _id, 'renewal.owner': owner };
    await this.run(() => this.collection.updateOne(ours, { $unset: { renewal: '' } }));
  }
}
