import { mongo } from 'mongoose';
import type { Diagnosis } from './diagnosis.js';
import { diagnoseServerError, LOGIN } from './server-error.js';

/** Why a connection or a DNS look-up failed, by Node's code. */
const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND:
    'the name of the cluster is unknown; it may be misspelled, or the Atlas cluster paused or deleted',
  ENODATA: 'the name has no DNS record; the Atlas cluster may be paused or deleted',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ERR_STREAM_DESTROYED: 'the connection broke off',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection broke off',
  ERR_STREAM_WRITE_AFTER_END: 'the connection broke off',
  ERR_SOCKET_CLOSED: 'the connection broke off',
  ETIMEDOUT: 'the connection could not be made in time',
  ETIMEOUT: 'the DNS did not answer in time',
  EAI_AGAIN: 'the name could not be looked up at the moment',
  ESERVFAIL: 'the DNS failed to look the name up',
  EREFUSED: 'the DNS refused to look the name up',
  EHOSTUNREACH: 'no route leads to the host',
  ENETUNREACH: 'no route leads to the host',
};
const DNS_REFUSED = 'the DNS server refused the connection';
const TLS =
  'the TLS handshake failed; Atlas aborts it if its network access list does not include this address';
const CERTIFICATE = 'the TLS certificate of the server cannot be verified';
const CLOSED = 'the connection was closed';
const NO_PRIMARY = 'no primary answered in time';
const SILENT = 'the server did not answer in time';
const NONSENSE = 'the answer of the server could not be used';
const BAD_FILE: Diagnosis = {
  code: 'MONGODB_OPTION_INVALID',
  message:
    'MONGODB_URI cannot be used: a file that one of its TLS options names contains no certificate or key.',
  details: [{ field: 'MONGODB_URI', message: 'names a file without certificate or key' }],
};
const NO_HOSTS = 'the DNS record of the cluster lists no host';

const TOO_OLD: Diagnosis = { code: 'MONGODB_TOO_OLD' };

/**
 * Diagnoses an error of the driver, of Mongoose or of the DNS; undefined for any other error. Their
 * texts can contain hosts, users and values, so none is shown.
 */
export function diagnoseDriverError(error: Error): Diagnosis | undefined {
  // A bulk write wraps the driver's error, whatever it is, in a server error.
  if (error instanceof mongo.MongoBulkWriteError && error.errorResponse instanceof Error) {
    return diagnoseDriverError(error.errorResponse);
  }
  if (error instanceof mongo.MongoServerError) return diagnoseServerError(error);
  if (isSelectionError(error)) return diagnoseSelection(error);
  // The pool's own class is not exported.
  if (error.name === 'MongoWaitQueueTimeoutError') {
    return { code: 'MONGODB_BUSY', message: 'All connections to MongoDB are in use.' };
  }
  if (error instanceof mongo.MongoNetworkError) return unreachable(networkReason(error) ?? CLOSED);
  if (error instanceof mongo.MongoCompatibilityError && /wire version/i.test(error.message)) {
    return TOO_OLD;
  }
  if (error instanceof mongo.MongoError) return diagnoseByName(error);
  if (error.name === 'MongooseError') return unreachable(CLOSED);
  const reason = isSystemError(error) ? networkReason(error) : undefined;
  return reason === undefined ? undefined : unreachable(reason);
}

/** The driver's other errors: those at run time may be transient; misuse is a fault of this backend. */
function diagnoseByName(error: mongo.MongoError): Diagnosis | undefined {
  if (/AWS|OIDC|Azure|GCP|Kerberos/.test(error.name)) return LOGIN;
  if (/^No addresses found/.test(error.message)) return unreachable(NO_HOSTS);
  if (error instanceof mongo.MongoOperationTimeoutError) return unreachable(SILENT);
  if (/Closed|NotConnected|ExpiredSession/.test(error.name)) return unreachable(CLOSED);
  return error instanceof mongo.MongoRuntimeError ? unreachable(NONSENSE) : undefined;
}

/** Mongoose's own class is a copy of the driver's. */
function isSelectionError(error: Error): error is Error & { reason?: Selection } {
  return (
    error instanceof mongo.MongoServerSelectionError ||
    error.name === 'MongooseServerSelectionError'
  );
}

interface Selection {
  readonly error?: unknown;
  readonly servers?: ReadonlyMap<string, { readonly error?: unknown }>;
}

/** The topology's description has the errors of all hosts that were tried; the first one decides. */
function diagnoseSelection(error: Error & { reason?: Selection }): Diagnosis {
  const { reason, cause } = error;
  const servers = [...(reason?.servers?.values() ?? [])].map((server) => server.error);
  const faults = [reason?.error, ...servers, cause].filter((fault) => fault instanceof Error);
  for (const fault of faults) {
    const diagnosis = diagnoseDriverError(fault);
    if (diagnosis && diagnosis.code !== 'MONGODB_UNREACHABLE') return diagnosis;
  }
  if (/wire version/i.test(error.message)) return TOO_OLD;
  // The driver loads certificates with each connection.
  if (faults.some((fault) => isOfCertificateFile(fault))) return BAD_FILE;
  const known = faults.map(networkReason).find((one) => one !== undefined);
  const wasClosed = faults.some((fault) => fault instanceof mongo.MongoNetworkError);
  return unreachable(known ?? networkReason(error) ?? (wasClosed ? CLOSED : NO_PRIMARY));
}

function isOfCertificateFile({ message }: Error): boolean {
  return /\berror:\w+:(?:PEM|X509|X\.509|asn1 encoding|DECODER|PKCS12)\b/i.test(message);
}

function networkReason(error: Error): string | undefined {
  let other: string | undefined;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code, syscall } = at as NodeJS.ErrnoException;
    const known = code === undefined ? undefined : NETWORK_REASONS[code];
    if (known) return syscall?.startsWith('query') && code === 'ECONNREFUSED' ? DNS_REFUSED : known;
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return CERTIFICATE;
    if (/^(ERR_SSL|EPROTO|ERR_TLS)/.test(code ?? '') || /\bSSL\b|\bTLS\b/.test(at.message)) {
      return TLS;
    }
    if (/CERT|SIGNATURE|ISSUER/.test(code ?? '')) return CERTIFICATE;
    if (at instanceof mongo.MongoNetworkTimeoutError) return SILENT;
    if (code && syscall && NETWORK_CALL.test(syscall)) other ??= `the network failed (${code})`;
  }
  if (other) return other;
  // Mongoose keeps only the text of the first fault.
  const named = Object.keys(NETWORK_REASONS).find((code) => error.message.includes(` ${code} `));
  return named === undefined ? undefined : NETWORK_REASONS[named];
}

/** Node's names of network and DNS calls; those of file calls differ. */
const NETWORK_CALL = /^(?:query|getaddrinfo|connect|read|write|shutdown)/;

/**
 * Whether it is Node's error of a network or DNS call: it names the call that failed. A write to a
 * connection that the other side has just closed has only a code.
 */
function isSystemError({ code, syscall }: NodeJS.ErrnoException): boolean {
  return (
    typeof syscall === 'string' || (code !== undefined && Object.hasOwn(NETWORK_REASONS, code))
  );
}

function unreachable(reason: string): Diagnosis {
  return { code: 'MONGODB_UNREACHABLE', message: `MongoDB cannot be reached: ${reason}.` };
}
