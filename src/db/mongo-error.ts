import { mongo } from 'mongoose';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/codes.js';

/**
 * Server codes after which the same operation may succeed: network, election, shutdown,
 * write conflict (MongoDB's retryable-writes specification).
 */
const PASSING = new Set([6, 7, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/** AuthenticationFailed, Unauthorized, AtlasError (its bad auth), and a wrong user's mechanism. */
const REFUSED = new Set([13, 18, 8000]);

export const DUPLICATE_KEY = 11_000;

export function isPassing(code: number | string | undefined): boolean {
  return typeof code === 'number' && PASSING.has(code);
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
    code === 'MONGODB_FAILED' ? [{ message: error.message.slice(0, 300) }] : undefined;
  return new AppError(code, undefined, { cause: error, ...(details && { details }) });
}

function classify(error: Error): ErrorCode {
  // A bulk write wraps the driver's error, whatever it is, in a server error.
  if (error instanceof mongo.MongoBulkWriteError && error.errorResponse instanceof Error) {
    return classify(error.errorResponse);
  }
  const { MongoServerError, MongoNetworkError, MongoServerSelectionError, MongoError } = mongo;
  if (error instanceof MongoServerError) {
    if (REFUSED.has(Number(error.code))) return 'MONGODB_AUTH_REFUSED';
    const passing = isPassing(error.code) || error.hasErrorLabel('TransientTransactionError');
    return passing || error.hasErrorLabel('RetryableWriteError')
      ? 'MONGODB_BUSY'
      : 'MONGODB_FAILED';
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

function rootIsRefusal(error: Error): boolean {
  const reason = (error as { reason?: { error?: unknown } }).reason?.error ?? error.cause;
  return reason instanceof mongo.MongoServerError && REFUSED.has(Number(reason.code));
}
