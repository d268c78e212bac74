/** OpenSSL's codes for a certificate that leads to nobody we trust. */
const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const wordsByCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused, nothing listens there',
  ECONNRESET: 'the carrier broke the connection',
  EPIPE: 'the carrier broke the connection',
  ETIMEDOUT: 'the host cannot be reached',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the host cannot be reached',
  ENOTFOUND: 'there is no such host name',
  EAI_AGAIN: 'the host name cannot be looked up now',
  CERT_HAS_EXPIRED: "the carrier's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the carrier's certificate is not for this host",
  ERR_SSL_WRONG_VERSION_NUMBER: 'the carrier does not speak TLS there; is it the right port?',
};

/** What went wrong with a connection, in words that say what to look at. */
export function connectionWords(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  if (unknownAuthority.includes(code)) return "the carrier's certificate is signed by nobody we trust";
  // A name with several addresses fails with an error that has a code and no message.
  return wordsByCode[code] ?? (error.message || code || error.name);
}
