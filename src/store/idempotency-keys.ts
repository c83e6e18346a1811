import { mongo } from 'mongoose';
import type { IdempotencyKey, StoredAnswer } from '../models/idempotency-key.js';
import { CollectionStore } from './driver/collection-store.js';
import { isDuplicateKey } from './driver/mongo-error.js';

/** How long a request may be under way: longer than a function that answers requests may run. */
const LEASE_MS = 90_000;
/** How long an answer is kept for repeated requests. */
const KEPT_MS = 24 * 3_600_000;

/** A key that this request has claimed. */
export interface ClaimedKey extends Pick<IdempotencyKey, '_id' | 'owner' | 'workId'> {
  readonly state: 'claimed';
  /** Whether an earlier request, which has died or was interrupted, may have begun the work. */
  readonly isRepeat: boolean;
}

export type KeyState =
  | ClaimedKey
  | { readonly state: 'running'; readonly workId: mongo.ObjectId }
  | { readonly state: 'answered'; readonly answer: StoredAnswer }
  | { readonly state: 'of_another_request' };

/**
 * Requests with an `Idempotency-Key` and their answers: `syncidempotencykeys`. Through the driver: a
 * claim is one pipeline by MongoDB's clock. Every operation throws AppError MONGODB_*, and
 * OUT_OF_TIME if the budget's deadline came first.
 */
export class IdempotencyKeyStore extends CollectionStore<IdempotencyKey> {
  /**
   * Claims a key for a request, if it is new, free, or was claimed by a request that has died.
   * @param request a hash of the request
   */
  async claim(_id: string, request: string): Promise<KeyState> {
    const owner = new mongo.ObjectId();
    const workId = new mongo.ObjectId();
    const pipeline = claimPipeline({ request, owner, workId });
    const found = await this.run(() => this.#claim(_id, pipeline));
    if (String(found.owner) === String(owner)) {
      const isRepeat = String(found.workId) !== String(workId);
      return { state: 'claimed', _id, owner, workId: found.workId, isRepeat };
    }
    if (found.request !== request) return { state: 'of_another_request' };
    const { answer } = found;
    return answer ? { state: 'answered', answer } : { state: 'running', workId: found.workId };
  }

  /** Stores the answer, unless another request has taken over the key. */
  async complete({ _id, owner }: ClaimedKey, answer: StoredAnswer): Promise<void> {
    const own = { _id, owner, leaseUntil: { $exists: true } };
    const set = { answer: { $literal: answer }, expireAt: after(KEPT_MS) };
    await this.run(() => this.collection.updateOne(own, [{ $set: set }, { $unset: 'leaseUntil' }]));
  }

  /** Frees the key for any request. */
  async release({ _id, owner }: ClaimedKey): Promise<void> {
    const own = { _id, owner, leaseUntil: { $exists: true } };
    await this.run(() => this.collection.deleteOne(own));
  }

  /** Frees the key; the same request, sent again, continues the work that was begun. */
  async interrupt({ _id, owner }: ClaimedKey): Promise<void> {
    await this.run(() => this.collection.updateOne({ _id, owner }, { $unset: { leaseUntil: '' } }));
  }

  async #claim(_id: string, pipeline: mongo.Document[]): Promise<IdempotencyKey> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    const attempt = () => this.collection.findOneAndUpdate({ _id }, pipeline, options);
    // If two requests insert at the same time, the second attempt finds the other one's claim.
    const first = await attempt().catch((error) => {
      if (!isDuplicateKey(error)) throw error;
      return null;
    });
    const found = first ?? (await attempt());
    if (!found) throw new Error('An upsert has returned no document.');
    return found;
  }
}

/**
 * Assigns the key to the request if it is new, expired or free; takes it over if the same request is
 * repeated and no other works on it; else changes nothing.
 */
function claimPipeline({
  request,
  owner,
  workId,
}: Pick<IdempotencyKey, 'request' | 'owner' | 'workId'>): mongo.Document[] {
  const isOver = { $lte: [{ $ifNull: ['$expireAt', new Date(0)] }, '$$NOW'] };
  const isUnanswered = { $eq: [{ $type: '$answer' }, 'missing'] };
  const isFree = {
    $and: [isUnanswered, { $eq: [{ $type: '$leaseUntil' }, 'missing'] }],
  };
  const isSame = { $eq: ['$request', request] };
  const isLeft = { $lte: [{ $ifNull: ['$leaseUntil', new Date(0)] }, '$$NOW'] };
  const isNew = { $or: [isOver, { $and: [isFree, { $not: [isSame] }] }] };
  const isTaken = { $or: [isNew, { $and: [isUnanswered, isLeft, isSame] }] };
  const ifNew = (value: unknown, field: string) => ({ $cond: ['$isNew', value, `$${field}`] });
  const ifTaken = (value: unknown, field: string) => ({ $cond: ['$isTaken', value, `$${field}`] });
  return [
    { $set: { isNew, isTaken } },
    {
      $set: {
        request: ifNew(request, 'request'),
        workId: ifNew(workId, 'workId'),
        answer: ifNew('$$REMOVE', 'answer'),
        owner: ifTaken(owner, 'owner'),
        leaseUntil: ifTaken(after(LEASE_MS), 'leaseUntil'),
        expireAt: ifTaken(after(KEPT_MS), 'expireAt'),
      },
    },
    { $unset: ['isNew', 'isTaken'] },
  ];
}

/** An expression: so many milliseconds from now, by MongoDB's clock. */
function after(ms: number) {
  return { $dateAdd: { startDate: '$$NOW', unit: 'millisecond', amount: ms } };
}
