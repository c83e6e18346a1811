import { mongo } from 'mongoose';
import type { RowDocument } from '../../src/models/row.js';

/** What MongoDB says of single writes of a bulk write, and of how many. */
export interface WriteRefusal {
  readonly code: number;
  readonly errmsg: string;
  /** So many bulk writes are struck. */
  readonly times: number;
  /** Bulk writes before these; default 0. */
  readonly after?: number;
}

/** Of these no row is to blame, and no later attempt of the same run gets any further. */
export const FATAL = [
  [8000, 'you are over your space quota, using 514 MB of 512 MB', 'MONGODB_FULL'],
  [14_031, 'out of disk space', 'MONGODB_FULL'],
  [12_501, 'quota exceeded', 'MONGODB_FULL'],
  [13, 'not authorized on db to execute command', 'MONGODB_AUTH_REFUSED'],
  [371, 'User writes blocked', 'MONGODB_FAILED'],
  [117, 'conflicting operation in progress', 'MONGODB_FAILED'],
  [
    8000,
    'cannot create a new collection -- already using 500 collections',
    'MONGODB_TOO_MANY_COLLECTIONS',
  ],
  [2, 'bad value', 'MONGODB_FAILED'],
  [96, 'operation failed', 'MONGODB_FAILED'],
] as const;

export const TRANSIENT = [
  [365, 'TemporarilyUnavailable: cache pressure'],
  [133, 'no primary of the shard'],
  [202, 'network interface exceeded time limit'],
  [82, 'no progress made'],
  [11_602, 'interrupted due to replication state change'],
  [91, 'shutdown in progress'],
] as const;

export interface Refusing {
  /** How many bulk writes were struck. */
  readonly struck: number;
  /** From here on writes go through. */
  end(): void;
}

type Collection = mongo.Collection<RowDocument>;
type Operations = Parameters<Collection['bulkWrite']>[0];
type Options = Parameters<Collection['bulkWrite']>[1];
type Send = (operations: Operations, options: Options) => Promise<mongo.BulkWriteResult>;

const EVERY = 3;
/** Sent where no write is left, for a result of the driver's own. */
const NOTHING: Operations = [{ deleteOne: { filter: { _id: 'the key of no document' } } }];

/**
 * Makes bulk writes to a collection come back as if MongoDB had refused every third write of them;
 * the others are carried out.
 */
export function refuseWrites(collection: Collection, refusal: WriteRefusal): Refusing {
  const real: Send = collection.bulkWrite.bind(collection);
  let seen = 0;
  let struck = 0;
  const bulkWrite: Send = async (operations, options) => {
    const isStruck = seen++ >= (refusal.after ?? 0) && struck < refusal.times;
    if (!isStruck) return real(operations, options);
    struck++;
    return partly(real, operations, options, refusal);
  };
  Object.assign(collection, { bulkWrite });
  return {
    get struck() {
      return struck;
    },
    end: () => void Reflect.deleteProperty(collection, 'bulkWrite'),
  };
}

async function partly(
  real: Send,
  operations: Operations,
  options: Options,
  { code, errmsg }: WriteRefusal,
): Promise<never> {
  const places = operations.map((_, index) => index);
  const kept = places.filter((index) => index % EVERY !== 0);
  const sent = kept.flatMap((index) => operations[index] ?? []);
  const { result, errors } = await settled(real(sent.length > 0 ? sent : NOTHING, options));
  const refused = places.filter((index) => index % EVERY === 0);
  const writeErrors = [
    ...refused.map((index) => ({ index, code, errmsg })),
    ...errors.map((error) => ({ ...error, index: kept[error.index] ?? 0 })),
  ] as mongo.WriteError[];
  throw new mongo.MongoBulkWriteError({ message: errmsg, code, writeErrors }, result);
}

/** What the server really said of the others, whose keys may be held. */
async function settled(sent: Promise<mongo.BulkWriteResult>) {
  try {
    return { result: await sent, errors: [] };
  } catch (error) {
    if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
    const errors = [error.writeErrors].flat();
    return {
      result: error.result,
      errors: errors.map(({ index, code, errmsg }) => ({ index, code, errmsg })),
    };
  }
}
