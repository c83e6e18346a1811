import mongoose, { type Connection } from 'mongoose';
import { createModels, type Models } from '../models/index.js';
import type { TableDefinition } from '../tables/table.js';
import { toMongoError } from './driver/mongo-error.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/**
 * Acknowledged writes must survive a failover, since saved offsets and watermarks depend on it; and
 * the state of a run must be read where it is written.
 */
const ACKNOWLEDGEMENT = {
  w: 'majority',
  retryWrites: true,
  readPreference: 'primary',
} as const;

/** Options of a connection string that weaken or contradict these (a tag set of secondaries). */
const OVERRULED =
  /^(w|j|journal|wtimeout|wtimeoutms|retrywrites|readconcernlevel|readpreference|readpreferencetags|maxstalenessseconds)=/i;

/**
 * For a function that serves few requests at a time and may be suspended between two of them.
 * Every time limit is far below the function's own 60 s; the driver's defaults are not.
 */
const OPTIONS = {
  ...ACKNOWLEDGEMENT,
  maxPoolSize: 5,
  minPoolSize: 0,
  maxIdleTimeMS: 20_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 30_000,
  serverSelectionTimeoutMS: 5_000,
  waitQueueTimeoutMS: 10_000,
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
} as const;

export interface Database {
  /**
   * The models on an open connection; connects at the first call.
   * @param budget for retries of connecting; by default it is tried once
   * @throws MONGODB_UNREACHABLE, MONGODB_AUTH_REFUSED; MONGODB_URI_INVALID, MONGODB_OPTION_INVALID
   *   for faults of the connection string that only the driver finds
   */
  models(budget?: RetryBudget): Promise<Models>;
  close(): Promise<void>;
}

/** The connection string without the options that this backend sets itself. */
export function withoutOverruled(uri: string): string {
  const [address = '', query] = uri.split('?', 2);
  const kept = query?.split('&').filter((option) => !OVERRULED.test(option)) ?? [];
  return kept.length > 0 ? `${address}?${kept.join('&')}` : address;
}

/** Options of a command-line tool, whose operations may take as long as a large collection needs. */
const TOOL_OPTIONS = { ...OPTIONS, socketTimeoutMS: 0 } as const;

/**
 * One connection, shared by all calls of this process, and reopened after a failure.
 * @param options.tool the socket's time limit does not interrupt operations
 */
export function createDatabase(
  uri: string,
  tables: readonly TableDefinition[],
  { tool = false } = {},
): Database {
  let opening: Promise<{ connection: Connection; models: Models }> | undefined;

  async function open() {
    const connection = createConnection(withoutOverruled(uri), tool);
    try {
      await connection.asPromise();
    } catch (error) {
      await connection.destroy().catch(() => undefined);
      throw toMongoError(error, { isOpening: true });
    }
    return { connection, models: createModels(connection, tables) };
  }

  async function connect(): Promise<Models> {
    opening ??= open();
    const attempt = opening;
    try {
      return (await attempt).models;
    } catch (error) {
      if (opening === attempt) opening = undefined;
      throw error;
    }
  }

  return {
    models: (budget) => (budget ? withRetry(connect, budget) : connect()),
    async close() {
      const current = opening;
      opening = undefined;
      const opened = await current?.catch(() => undefined);
      await opened?.connection.destroy();
    },
  };
}

/** The driver throws some faults of a connection string at once. */
function createConnection(uri: string, tool: boolean): Connection {
  try {
    return mongoose.createConnection(uri, tool ? TOOL_OPTIONS : OPTIONS);
  } catch (error) {
    throw toMongoError(error, { isOpening: true });
  }
}
