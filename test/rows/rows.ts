import { type Model, mongo } from 'mongoose';
import { systemClock } from '../../src/clock.js';
import type { RowDocument } from '../../src/models/row.js';
import type { DecodedRow } from '../../src/rows/decoder.js';
import { type DeleteMode, guardedWrite, type WriteRules } from '../../src/rows/guarded-write.js';
import { bulkWrite, type RowCollection, type WriteResult } from '../../src/store/row-writes.js';
import { RowStore } from '../../src/store/rows.js';

export interface Version {
  readonly id?: string;
  /** Minutes. */
  readonly at: number;
  readonly serial?: number | null;
  readonly deleted?: boolean;
  readonly values?: Readonly<Record<string, unknown>>;
}

export const minute = (at: number): Date => new Date(Date.UTC(2026, 0, 1, 0, at));
export const scope = { clock: systemClock };
export const RULES = { deleteMode: 'soft', epoch: 0 } as const satisfies WriteRules;

/** The store of a collection; of a model only the collection is used. */
export function rowStore(collection: RowCollection): RowStore {
  return new RowStore({ collection } as unknown as Model<RowDocument>, scope);
}

/** A row as the decoder gives it; its QTY tells its version. */
export function decoded({
  id = 'K',
  at,
  serial = 1,
  deleted = false,
  values = {},
}: Version): DecodedRow {
  const surrogate = serial === null ? {} : { SERIALKEY: serial };
  const flag = deleted ? { DELETED: 'true' } : {};
  return {
    id,
    modifiedMs: minute(at).getTime(),
    deleted,
    serialKey: serial,
    serialColumn: serial === null ? undefined : 'SERIALKEY',
    surrogate: '',
    flagColumn: deleted ? 'DELETED' : undefined,
    unreadable: [],
    raw: {},
    document: {
      _id: id,
      ...surrogate,
      QTY: at,
      ...flag,
      ...values,
      _lake: { modifiedAt: minute(at) },
    },
  };
}

/** Writes versions as a page does: one bulk write. */
export function write(
  collection: RowCollection,
  versions: readonly Version[],
  deleteMode: DeleteMode = 'soft',
  rules: Partial<WriteRules> = {},
): Promise<WriteResult> {
  const writes = versions.map((version) => {
    const row = decoded(version);
    const { epoch = 0 } = rules;
    if (epoch > 0) row.document._lake = { ...row.document._lake, epoch };
    return guardedWrite(row, { ...RULES, deleteMode, ...rules });
  });
  return bulkWrite(collection, writes, scope);
}

/** A collection whose first calls fail, and which then is the real one. */
export function failing(
  real: RowCollection,
  ...failures: ((send: () => Promise<mongo.BulkWriteResult>) => Promise<never>)[]
): RowCollection {
  const queue = [...failures];
  return {
    find: real.find.bind(real),
    bulkWrite: (operations, options) => {
      const send = () => real.bulkWrite(operations, options);
      return queue.shift()?.(send) ?? send();
    },
  };
}

/** The answer is lost after the server has done the work, as a broken connection leaves it. */
export const answerLost = async (send: () => Promise<unknown>): Promise<never> => {
  await send();
  throw new mongo.MongoNetworkError('connection closed');
};

/** The work is not done either. */
export const notReached = async (): Promise<never> => {
  throw new mongo.MongoNetworkError('connection refused');
};
