import { Schema } from 'mongoose';
import type { ColumnKind, TableDefinition } from '../tables/table.js';

/** A row as it is stored: its columns, and what the backend notes of it. */
export type RowDocument = {
  _id: string;
  _lake: {
    /** When the lake indexed the version. */
    modifiedAt: Date;
    /** Left out where it is 0. */
    epoch?: number;
    deletedAt?: Date;
    /** Of a hard delete: when its key is forgotten. */
    expireAt?: Date;
    /**
     * Of a delete that no flag told: MongoDB's time before the lake was last asked for the row. A
     * live row that was asked for later takes its place, whatever its index time.
     */
    inferredAt?: Date;
    /** Columns whose values can't be read and are left out, sorted; absent where there is none. */
    unreadable?: readonly string[];
  };
} & Record<string, unknown>;

/** Numbers are doubles or Decimal128: a Mongoose type would turn the one into the other. */
const TYPES = {
  text: String,
  deleteFlag: Schema.Types.Mixed,
  number: Schema.Types.Mixed,
  date: Date,
} as const satisfies Record<ColumnKind, unknown>;

/**
 * The Mongoose schema of a WMS table, made from its definition. Columns that the
 * definition doesn't know are kept (`strict: false`).
 */
export function rowSchema(table: TableDefinition): Schema<RowDocument> {
  const columns = Object.entries(table.columns).map(([name, kind]) => [name, TYPES[kind]]);
  const schema = new Schema<RowDocument>(
    {
      _id: String,
      ...Object.fromEntries(columns),
      _lake: {
        modifiedAt: Date,
        deletedAt: Date,
        expireAt: Date,
        inferredAt: Date,
        epoch: Number,
        unreadable: { type: [String], default: undefined },
      },
    },
    { collection: table.collection, strict: false, versionKey: false },
  );
  schema.index({ '_lake.expireAt': 1 }, { name: 'hard_deletes_expire', expireAfterSeconds: 0 });
  return schema;
}
