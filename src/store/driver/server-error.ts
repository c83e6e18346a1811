import type { mongo } from 'mongoose';
import { withoutSecrets } from '../../security/outside-text.js';
import type { Diagnosis } from './diagnosis.js';

/**
 * Server codes after which the same operation may succeed: network, election, shutdown, write
 * conflict (MongoDB's specifications of retryable writes and reads); a lost cursor; a write that is
 * not yet acknowledged by a majority (64, 100); chunk migrations, a shard without a primary, cache
 * pressure and overload (82, 133, 134, 202, 365, 402, 407, 433, 449).
 */
const TRANSIENT = new Set([
  6, 7, 43, 50, 64, 82, 89, 91, 100, 112, 133, 134, 189, 202, 262, 365, 402, 407, 433, 449, 9001,
  10107, 11600, 11601, 11602, 13435, 13436,
]);
/** UserNotFound, AuthenticationFailed, ReauthenticationRequired. */
const LOGIN_REFUSED = new Set([11, 18, 391]);
/** Unauthorized. */
const UNAUTHORIZED = 13;
/** OutOfDiskSpace, and a quota of the database's files. */
const FULL = new Set([14_031, 12_501]);
/** DatabaseDifferCase. */
const DIFFERS_IN_CASE = 13_297;
/** InvalidNamespace: of a name that MONGODB_URI gives; collections have fixed names. */
const INVALID_NAMESPACE = 73;
/** MechanismUnavailable. */
const MECHANISM_UNAVAILABLE = 334;
/** The code of any refusal by Atlas; only its text says what was refused. */
const ATLAS_ERROR = 8000;

/** Labels by which the server marks an operation that may be retried. */
const TRANSIENT_LABELS = [
  'TransientTransactionError',
  'RetryableWriteError',
  'SystemOverloadedError',
  'RetryableError',
];

export const LOGIN: Diagnosis = {
  code: 'MONGODB_AUTH_REFUSED',
  message: 'MongoDB refused the login with the user and password of MONGODB_URI.',
};

/**
 * Refusals by Atlas' proxy, by their text. Source: Atlas' limits of Free and Flex clusters, and
 * reports of users; a text that is not listed is shown unchanged.
 */
const ATLAS_REFUSALS: readonly [RegExp, (text: string) => Diagnosis][] = [
  [/space quota/i, full],
  [
    /cannot create a new collection|\d+ collections of \d+/i,
    (text) => ({ code: 'MONGODB_TOO_MANY_COLLECTIONS', details: [{ message: text }] }),
  ],
  [/bad auth|authentication failed/i, () => LOGIN],
  [/not allowed to do action|not authorized|requires authentication/i, lacksRight],
  [
    /too many (open )?connections|connection limit|rate limit|throttl|try again/i,
    () => ({ code: 'MONGODB_BUSY' }),
  ],
];

export function isTransient(code: number | string | undefined): boolean {
  return typeof code === 'number' && TRANSIENT.has(code);
}

/** Diagnoses an error with which the server answered. */
export function diagnoseServerError(error: mongo.MongoServerError): Diagnosis {
  const code = Number(error.code);
  const text = withoutSecrets(error.message, 300);
  if (code === ATLAS_ERROR) {
    const known = ATLAS_REFUSALS.find(([pattern]) => pattern.test(text));
    return known ? known[1](text) : failed(text);
  }
  if (LOGIN_REFUSED.has(code)) return LOGIN;
  if (code === UNAUTHORIZED) return lacksRight(text);
  if (FULL.has(code)) return full(text);
  if (code === DIFFERS_IN_CASE) {
    return { code: 'MONGODB_NAME_DIFFERS_IN_CASE', details: [{ message: text }] };
  }
  if (code === INVALID_NAMESPACE) {
    return {
      code: 'MONGODB_URI_INVALID',
      message: 'MongoDB refused the name of the database or of a collection in it.',
      details: [{ field: 'MONGODB_URI', message: text }],
    };
  }
  if (code === MECHANISM_UNAVAILABLE) {
    return { code: 'MONGODB_OPTION_INVALID', details: [{ field: 'MONGODB_URI', message: text }] };
  }
  const transient =
    isTransient(code) || TRANSIENT_LABELS.some((label) => error.hasErrorLabel(label));
  return transient ? { code: 'MONGODB_BUSY' } : failed(text);
}

function failed(text: string): Diagnosis {
  return { code: 'MONGODB_FAILED', details: [{ message: text }] };
}

function full(text: string): Diagnosis {
  return { code: 'MONGODB_FULL', details: [{ message: text }] };
}

/** The server's text repeats the command, including values of rows: only the text before is shown. */
function lacksRight(text: string): Diagnosis {
  return {
    code: 'MONGODB_AUTH_REFUSED',
    message: 'The user of MONGODB_URI lacks a right on the database.',
    details: [{ message: text.replace(/(to execute command \{ ?\w+).*/s, '$1 … }') }],
  };
}
