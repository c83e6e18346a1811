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
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain contains a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of its certificate is unknown',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ERR_BAD_RESPONSE: 'the answer was cut off',
  Z_BUF_ERROR: 'the answer was cut off',
  HPE_HEADER_OVERFLOW: 'the headers of its answer are too large',
};

/** Node's code of a failed call, and what it means; never the error's own text. */
export function networkReason(error: unknown): { readonly code: string; readonly reason: string } {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const otherwise = code.startsWith('HPE_') ? 'its answer is not HTTP' : 'the transfer failed';
  return { code, reason: REASONS[code] ?? otherwise };
}
