import type { mongo } from 'mongoose';
import type { SharedState } from '../ion/shared-state.js';
import type { LakeQuota } from '../models/lake-quota.js';
import { isDuplicateKey } from '../store/driver/mongo-error.js';
import { native } from '../store/driver/native.js';
import type { Pause } from './quota-rules.js';

/** What is stored at one time; epoch milliseconds by MongoDB's clock. */
export interface QuotaReading extends Pause {
  readonly now: number;
  /** Of the last queries, oldest first. */
  readonly turns: readonly number[];
  /** Of all that were ever taken. */
  readonly turnCount: number;
}

/** What the instances tell each other of the quota. Each call is one or two short operations. */
export interface QuotaStore {
  read(): Promise<QuotaReading>;
  /**
   * Stores the turns with one more than were read.
   * @returns false where another instance has taken a turn since
   */
  takeTurn(read: QuotaReading, turns: readonly number[]): Promise<boolean>;
  /** Stores a pause, unless a longer one is there already. */
  pause(pause: Pause): Promise<void>;
}

/** @param source names tenant and gateway: a quota is the tenant's */
export function createQuotaStore(shared: SharedState, source: string): QuotaStore {
  const _id = source;
  const collection = <T>(operation: (quotas: mongo.Collection<LakeQuota>) => Promise<T>) =>
    shared(({ quotas }) => operation(native(quotas)));

  return {
    read: () =>
      collection(async (quotas) => {
        const {
          now,
          turns = [],
          turnCount = 0,
          pausedUntil,
          pauseMs,
        } = (await readWithNow(quotas, _id)) ?? (await created(quotas, _id));
        return {
          now: now.getTime(),
          turns: turns.map((turn) => turn.getTime()),
          turnCount,
          pausedUntil: pausedUntil?.getTime() ?? 0,
          pauseMs: pauseMs ?? 0,
        };
      }),
    takeTurn: ({ turnCount }, turns) =>
      collection(async (quotas) => {
        const { matchedCount } = await quotas.updateOne(
          { _id, turnCount: turnCount === 0 ? { $exists: false } : turnCount },
          { $set: { turns: turns.map((turn) => new Date(turn)), turnCount: turnCount + 1 } },
        );
        return matchedCount > 0;
      }),
    pause: ({ pausedUntil, pauseMs }) =>
      collection(async (quotas) => {
        const until = new Date(pausedUntil);
        await quotas.updateOne(
          { _id, pausedUntil: { $not: { $gte: until } } },
          { $set: { pausedUntil: until, pauseMs } },
        );
      }),
  };
}

type WithNow = LakeQuota & { now: Date };

async function readWithNow(
  quotas: mongo.Collection<LakeQuota>,
  _id: string,
): Promise<WithNow | undefined> {
  const pipeline = [{ $match: { _id } }, { $set: { now: '$$NOW' } }];
  return (await quotas.aggregate<WithNow>(pipeline).toArray())[0];
}

/** Makes the document, so that all else are updates of one that is there. */
async function created(quotas: mongo.Collection<LakeQuota>, _id: string): Promise<WithNow> {
  await quotas.insertOne({ _id }).catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
  });
  const made = await readWithNow(quotas, _id);
  if (!made) throw new Error(`The quota ${_id} is gone as soon as it is made.`);
  return made;
}
