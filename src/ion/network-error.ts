import { AppError } from '../errors/app-error.js';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke off',
  EPIPE: 'the connection broke off',
  ECONNABORTED: 'the connection broke off',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route leads to the host',
  ENETUNREACH: 'no route leads to the host',
  ETIMEDOUT: 'the connection could not be made in time',
  EPROTO: 'the TLS handshake failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain holds a self-signed one',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is unknown',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ERR_BAD_RESPONSE: 'the answer was cut off',
  Z_BUF_ERROR: 'the answer was cut off',
};

/**
 * The AppError for a call that brought no whole answer. Only code and message of the original
 * go into `cause`: the client's own error holds the request, and with it secrets.
 */
export function networkError(error: unknown, host: string): AppError {
  const message = error instanceof Error ? error.message : 'unknown';
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const cause = new Error(`${code} ${message}`.trim());
  if (/^maxContentLength/.test(message)) {
    return new AppError('LAKE_BAD_ANSWER', `The answer of ${host} is too large.`, { cause });
  }
  const reason = REASONS[code] ?? 'the transfer failed';
  return new AppError('LAKE_UNREACHABLE', `No answer came from ${host}: ${reason}.`, {
    details: [{ message: reason, host, ...(code !== '' && { networkCode: code }) }],
    cause,
  });
}
