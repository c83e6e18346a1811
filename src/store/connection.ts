import mongoose, { type Connection } from 'mongoose';
import { createModels, type Models } from '../models/index.js';
import type { TableDefinition } from '../tables/table.js';
import { toMongoError } from './driver/mongo-error.js';
import { type RetryBudget, withRetry } from './driver/retry.js';

/**
 * What MongoDB has acknowledged must survive a failover, since offsets and watermarks are saved
 * on that promise; and the state of a run must be read where it is written.
 */
const ACKNOWLEDGEMENT = {
  w: 'majority',
  retryWrites: true,
  readPreference: 'primary',
} as const;

/** Options of a connection string that weaken it, or contradict it (a tag set of secondaries). */
const OVERRULED =
  /^(w|j|journal|wtimeout|wtimeoutms|retrywrites|readconcernlevel|readpreference|readpreferencetags|maxstalenessseconds)=/i;

/**
 * Sized for a function that serves few requests at a time and may be frozen between two of
 * them. Every wait is far below the function's own 60 s; the driver's defaults are not.
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
   * The models on a live connection; connects at the first call.
   * @param budget within which connecting is tried again; by default it is tried once
   * @throws MONGODB_UNREACHABLE, MONGODB_AUTH_REFUSED; MONGODB_URI_INVALID, MONGODB_OPTION_INVALID
   *   for what only the driver finds wrong with the connection string
   */
  models(budget?: RetryBudget): Promise<Models>;
  close(): Promise<void>;
}

/** The connection string without the options that this backend sets by itself. */
export function withoutOverruled(uri: string): string {
  const [address = '', query] = uri.split('?', 2);
  const kept = query?.split('&').filter((option) => !OVERRULED.test(option)) ?? [];
  return kept.length > 0 ? `${address}?${kept.join('&')}` : address;
}

/** Waits of a command line, whose operations may take as long as a large collection needs. */
const TOOL_OPTIONS = { ...OPTIONS, socketTimeoutMS: 0 } as const;

/**
 * One connection, shared by all calls of this process, and made again after a failure.
 * @param options.tool no operation is cut off by the socket's time limit
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

/** Some of what is wrong with a connection string is thrown at once. */
function createConnection(uri: string, tool: boolean): Connection {
  try {
    return mongoose.createConnection(uri, tool ? TOOL_OPTIONS : OPTIONS);
  } catch (error) {
    throw toMongoError(error, { isOpening: true });
  }
}
