import type { Services } from '../api/services.js';
import { ERROR_CODES, type ErrorCode } from '../errors/codes.js';
import type { Method, MethodSpec } from '../http/endpoint.js';

const ALL = Object.keys(ERROR_CODES) as ErrorCode[];
const beginningWith = (...beginnings: string[]) =>
  ALL.filter((code) => beginnings.some((beginning) => code.startsWith(beginning)));

/** What an operation can fail with that reads or writes the database. */
export const DATABASE: readonly ErrorCode[] = [...beginningWith('MONGODB_'), 'OUT_OF_TIME'];

/** One that calls the lake. */
export const LAKE: readonly ErrorCode[] = beginningWith('ION_', 'LAKE_');

/** One that runs a table. */
export const RUN: readonly ErrorCode[] = [
  ...DATABASE,
  ...LAKE,
  'UNKNOWN_TABLE',
  'CONFIG_NOT_FOUND',
  'TABLE_DISABLED',
  'TOO_MANY_REQUESTS',
  'SYNC_RUNNING',
  'SYNC_CANCELED',
  'JOB_NOT_FOUND',
  'SYNC_SUPERSEDED',
  'EARLIER_DATA',
  'SOURCE_CHANGED',
  'RUN_OUTDATED',
  'RUN_STUCK',
  'ALL_ROWS_REJECTED',
];

/** Of a request that may carry an `Idempotency-Key`. */
export const REPEATED: readonly ErrorCode[] = ['IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'];

const WITH_TOKEN: readonly ErrorCode[] = [
  'NOT_AUTHORIZED',
  'FORBIDDEN',
  'API_TOKEN_UNSET',
  'TOO_MANY_REQUESTS',
];
const WITH_BODY: readonly ErrorCode[] = [
  'BODY_NOT_JSON',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
];

/** What a method can fail with before its handler is called, and whatever that does. */
export function commonErrors({ access, body, admits }: MethodSpec<Services>): ErrorCode[] {
  return [
    'VALIDATION_FAILED',
    'INTERNAL',
    'SETTING_INVALID',
    ...(access === 'none' ? [] : WITH_TOKEN),
    ...(body ? WITH_BODY : []),
    ...(admits ? (['SIGNATURE_INVALID', 'TOO_MANY_REQUESTS'] as const) : []),
  ];
}

/** In the order of `Allow`. */
export const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];
