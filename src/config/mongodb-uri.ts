import { AppError } from '../errors/app-error.js';
import { keepSecret } from '../security/outside-text.js';

// scheme, optional user:password@, hosts, optional path and options. `@` and `/` in user or
// password have to be percent-encoded, so a second `@`, or one after a `/`, is a mistake.
const CONNECTION_STRING =
  /^mongodb(?:\+srv)?:\/\/(?:[^@/\s]+@)?[^@/?\s]+(?:\/[^@?\s]*)?(?:\?\S*)?$/;

/** MongoDB would take a database `test` where none is named. */
const DATABASE_NAME = /^[^/]+\/\/[^/]+\/[^?]+/;

/**
 * The connection string in the value of MONGODB_URI, trimmed.
 * @throws AppError MONGODB_URI_MISSING, MONGODB_URI_INVALID (the value never in the message)
 */
export function mongodbUriOf(value: string | undefined): string {
  const uri = value?.trim();
  if (!uri) throw new AppError('MONGODB_URI_MISSING');
  if (!/^mongodb(\+srv)?:\/\//.test(uri)) throw new AppError('MONGODB_URI_INVALID');
  if (/:<[^>]*>@/.test(uri)) {
    throw invalid('it still holds the placeholder for the password');
  }
  if (/<[^>]*>/.test(uri)) throw invalid('it still holds a placeholder in angle brackets');
  if (!CONNECTION_STRING.test(uri)) {
    throw invalid(
      'it names no host, or user or password hold a character that has to be percent-encoded',
    );
  }
  if (!DATABASE_NAME.test(uri)) {
    throw invalid('it names no database: put its name after the hosts, as in …mongodb.net/wms');
  }
  keepPassword(uri);
  return uri;
}

/** As it is written, and as it is sent. */
function keepPassword(uri: string): void {
  const password = /^[^/]+\/\/[^:@/]*:([^@]*)@/.exec(uri)?.[1];
  if (password === undefined) return;
  keepSecret(password);
  try {
    keepSecret(decodeURIComponent(password));
  } catch {
    // Not percent-encoded: the driver refuses it.
  }
}

function invalid(message: string): AppError {
  return new AppError('MONGODB_URI_INVALID', `MONGODB_URI cannot be used: ${message}.`, {
    details: [{ field: 'MONGODB_URI', message }],
  });
}
