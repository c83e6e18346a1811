import { mongo } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';

/**
 * Server codes after which the same operation may succeed: network, election, shutdown, write
 * conflict (MongoDB's specifications of retryable writes and reads); a cursor that is gone; a write
 * that is not confirmed yet (64, 100); chunks that move, a shard without a primary, cache pressure
 * and overload (82, 133, 134, 202, 365, 402, 407, 433, 449).
 */
const TRANSIENT = new Set([
  6, 7, 43, 50, 64, 82, 89, 91, 100, 112, 133, 134, 189, 202, 262, 365, 402, 407, 433, 449, 9001,
  10107, 11600, 11601, 11602, 13435, 13436,
]);
/** AuthenticationFailed and Unauthorized. */
const REFUSED = new Set([13, 18]);
/** OutOfDiskSpace, and a quota of the database's files. */
const FULL = new Set([14_031, 12_501]);
/** Whatever Atlas refuses; only its text says what. */
const ATLAS_ERROR = 8000;

/**
 * Codes of a write's error that say something about the row alone: a validator of the collection
 * (121), a document too large (10334, 17419, 17420), a key too long for an index (17280), two
 * arrays under one index (171), and names that can't be stored (52, 56, 57). Everything else per
 * write (quota, disk, rights, an unreachable shard …) is about the database, not about the row.
 */
const ABOUT_THE_ROW = new Set([52, 56, 57, 121, 171, 10_334, 17_280, 17_419, 17_420]);

export const DUPLICATE_KEY = 11_000;

export function isTransient(code: number | string | undefined): boolean {
  return typeof code === 'number' && TRANSIENT.has(code);
}

/** Whether MongoDB refused a write for what the row is, so that all others can be written. */
export function isAboutTheRow({
  code,
  errmsg,
}: Pick<mongo.WriteError, 'code' | 'errmsg'>): boolean {
  return ABOUT_THE_ROW.has(Number(code)) || (code === DUPLICATE_KEY && !isOfId(errmsg));
}

/**
 * Whether a duplicate key is that of `_id`. The text names the index before the key's value, which
 * may hold any text; one without a name is taken for it (MongoDB leaves out texts above 1 MB).
 */
export function isOfId(errmsg: string | undefined): boolean {
  return (/ index: (.+?) dup key:/.exec(errmsg ?? '')?.[1] ?? '_id_') === '_id_';
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * Any error of driver or Mongoose as one of ours. Its text is kept only where the server
 * wrote it: the driver's own messages can name hosts and users of the connection string.
 */
export function toMongoError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return new AppError('INTERNAL', undefined, { cause: error });
  const code = classify(error);
  const details =
    code === 'MONGODB_FAILED' || code === 'MONGODB_FULL'
      ? [{ message: error.message.slice(0, 300) }]
      : undefined;
  return new AppError(code, undefined, { cause: error, ...(details && { details }) });
}

function classify(error: Error): ErrorCode {
  // A bulk write wraps the driver's error, whatever it is, in a server error.
  if (error instanceof mongo.MongoBulkWriteError && error.errorResponse instanceof Error) {
    return classify(error.errorResponse);
  }
  const { MongoServerError, MongoNetworkError, MongoServerSelectionError, MongoError } = mongo;
  if (error instanceof MongoServerError) {
    return classifyServerError(error);
  }
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) {
    return rootIsRefusal(error) ? 'MONGODB_AUTH_REFUSED' : 'MONGODB_UNREACHABLE';
  }
  // Pool cleared, wait queue timed out, topology closed, connection not open.
  if (error instanceof MongoError) {
    return error instanceof mongo.MongoInvalidArgumentError ? 'INTERNAL' : 'MONGODB_UNREACHABLE';
  }
  if (error.name === 'MongooseServerSelectionError' || error.name === 'MongooseError') {
    return rootIsRefusal(error) ? 'MONGODB_AUTH_REFUSED' : 'MONGODB_UNREACHABLE';
  }
  return 'INTERNAL';
}

/** Labels by which the server says that the operation may be tried again. */
const TRANSIENT_LABELS = [
  'TransientTransactionError',
  'RetryableWriteError',
  'SystemOverloadedError',
  'RetryableError',
];

function classifyServerError(error: mongo.MongoServerError): ErrorCode {
  const code = Number(error.code);
  if (code === ATLAS_ERROR) return classifyAtlasError(error.message);
  if (REFUSED.has(code)) return 'MONGODB_AUTH_REFUSED';
  if (FULL.has(code)) return 'MONGODB_FULL';
  const transient =
    isTransient(code) || TRANSIENT_LABELS.some((label) => error.hasErrorLabel(label));
  return transient ? 'MONGODB_BUSY' : 'MONGODB_FAILED';
}

function classifyAtlasError(message: string): ErrorCode {
  if (/space quota/i.test(message)) return 'MONGODB_FULL';
  return /auth/i.test(message) ? 'MONGODB_AUTH_REFUSED' : 'MONGODB_FAILED';
}

function rootIsRefusal(error: Error): boolean {
  const reason = (error as { reason?: { error?: unknown } }).reason?.error ?? error.cause;
  return (
    reason instanceof mongo.MongoServerError &&
    classifyServerError(reason) === 'MONGODB_AUTH_REFUSED'
  );
}
