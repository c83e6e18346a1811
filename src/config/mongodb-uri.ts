import { AppError } from '../errors/app-error.js';
import { unquoted } from './unquoted.js';

// scheme, optional user:password@, hosts, optional path and options. `@` and `/` in user or
// password have to be percent-encoded, so a second `@`, or one after a `/`, is a mistake.
const CONNECTION_STRING =
  /^mongodb(?:\+srv)?:\/\/(?:[^@/\s]+@)?[^@/?\s]+(?:\/[^@?\s]*)?(?:\?\S*)?$/;

/** MongoDB would use a database `test` if none is named. */
const DATABASE_NAME = /^[^/]+\/\/[^/]+\/[^?]+/;

/** Whether it is an SRV address, user and password, hosts, database. */
const PARTS = /^mongodb(\+srv)?:\/\/(?:([^@]*)@)?([^/?]*)\/([^?]*)/;

/** Source: MongoDB's manual, restrictions on database names (the stricter ones, of Windows). */
const NOT_IN_A_NAME = /[/\\. "$*<>:|?\0]/;
const LONGEST_NAME = 63;

/**
 * The connection string in the value of MONGODB_URI, without surrounding white space and quotes.
 * @throws AppError MONGODB_URI_MISSING, MONGODB_URI_INVALID (the value never in the message)
 */
export function mongodbUriOf(value: string | undefined): string {
  const uri = unquoted(value ?? '');
  if (!uri) throw new AppError('MONGODB_URI_MISSING');
  if (!/^mongodb(\+srv)?:\/\//.test(uri)) throw new AppError('MONGODB_URI_INVALID');
  if (/:<[^>]*>@/.test(uri)) {
    throw invalid('it still contains the placeholder for the password');
  }
  if (/<[^>]*>/.test(uri)) throw invalid('it still contains a placeholder in angle brackets');
  if (!CONNECTION_STRING.test(uri)) {
    throw invalid(
      'it names no host, or user or password hold a character that has to be percent-encoded',
    );
  }
  if (!DATABASE_NAME.test(uri)) {
    throw invalid('it names no database: put its name after the hosts, as in …mongodb.net/wms');
  }
  const problem = problemOfParts(uri);
  if (problem) throw invalid(problem);
  return uri;
}

/** Mistakes that the driver would refuse, or the server at the first operation. */
function problemOfParts(uri: string): string | undefined {
  const [, srv, userInfo = '', hosts = '', path = ''] = PARTS.exec(uri) ?? [];
  const database = decoded(path);
  if (database === undefined || decoded(`${userInfo}${hosts}`) === undefined) {
    return 'a % in it is not followed by two hexadecimal digits of a character; % itself is %25';
  }
  if (srv) {
    if (hosts.includes(',')) return 'an address that begins with mongodb+srv:// has one host only';
    if (hosts.includes(':')) return 'an address that begins with mongodb+srv:// has no port';
  }
  const names = hosts.split(',');
  if (names.includes('')) return 'the list of its hosts has a comma too many';
  if (names.some((host) => !hasGoodPort(host)))
    return 'the port of a host must be a number from 1 to 65535';
  if (/[&=]/.test(database)) return 'its options must begin with a ?, and follow on with &';
  if (NOT_IN_A_NAME.test(database) || Buffer.byteLength(database) > LONGEST_NAME) {
    return `the name of the database contains one of / \\ . " $ * < > : | ? or a space, or is longer than ${LONGEST_NAME} bytes`;
  }
  return undefined;
}

function hasGoodPort(host: string): boolean {
  // The path of a socket has no port.
  if (/%2f/i.test(host)) return true;
  const port = /^(?:\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(host);
  if (!port) return false;
  const [, digits] = port;
  return digits === undefined || (/^\d{1,5}$/.test(digits) && inRange(Number(digits)));
}

const inRange = (port: number): boolean => port >= 1 && port <= 65_535;

/** undefined if it can't be decoded. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function invalid(message: string): AppError {
  return new AppError('MONGODB_URI_INVALID', `MONGODB_URI cannot be used: ${message}.`, {
    details: [{ field: 'MONGODB_URI', message }],
  });
}
