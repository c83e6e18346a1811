import { mongo } from 'mongoose';
import { AppError } from '../../errors/app-error.js';
import type { Diagnosis } from './diagnosis.js';
import { diagnoseDriverError } from './driver-error.js';
import { diagnoseUriError } from './uri-error.js';

export { isTransient } from './server-error.js';

/**
 * Codes of write errors caused by the row alone: a validator of the collection (121), a document
 * too large (10334, 17419, 17420), a key too long for an index (17280), two arrays under one index
 * (171), and names that can't be stored (52, 56, 57). All other codes (quota, disk, permissions, an
 * unreachable shard …) concern the database, not the row.
 */
const ABOUT_THE_ROW = new Set([52, 56, 57, 121, 171, 10_334, 17_280, 17_419, 17_420]);

export const DUPLICATE_KEY = 11_000;

/** Whether MongoDB refused a write because of the row itself, so that all others can be written. */
export function isAboutTheRow({
  code,
  errmsg,
}: Pick<mongo.WriteError, 'code' | 'errmsg'>): boolean {
  return ABOUT_THE_ROW.has(Number(code)) || (code === DUPLICATE_KEY && !isOfId(errmsg));
}

/**
 * Whether a duplicate key is that of `_id`. The text names the index before the key's value, which
 * may contain any text; without a name `_id` is assumed (MongoDB leaves out texts above 1 MB).
 */
export function isOfId(errmsg: string | undefined): boolean {
  return (/ index: (.+?) dup key:/.exec(errmsg ?? '')?.[1] ?? '_id_') === '_id_';
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * Converts any error of driver, DNS or Mongoose to an AppError. Only texts of the server are kept:
 * the driver's own messages can contain hosts and users of the connection string.
 * @param isOpening thrown while connecting: then the connection string causes an invalid argument
 */
export function toMongoError(error: unknown, { isOpening = false } = {}): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return new AppError('INTERNAL', undefined, { cause: error });
  const { code, message, details }: Diagnosis = diagnoseUriError(error, isOpening) ??
    diagnoseDriverError(error) ?? { code: 'INTERNAL' };
  return new AppError(code, message, { cause: error, ...(details && { details }) });
}
