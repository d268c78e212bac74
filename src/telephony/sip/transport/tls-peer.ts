import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Hop } from '../endpoint-types.ts';
import { hostPort } from '../message/sip-uri.ts';

/**
 * Whether a certificate is for the name that was meant (RFC 5922 section 7.2): a `sip:` URI of that domain, or the host, among its alternative names.
 * Deviation: names with a wildcard count, which RFC 5922 forbids, because carriers show them; and a certificate with no alternative name at all is
 * read by its common name.
 */
export function checkPeerName(serverName: string, certificate: PeerCertificate): Error | undefined {
  const wanted = `uri:sip:${serverName.toLowerCase()}`;
  const isNamed = alternativeNames(certificate.subjectaltname ?? '').some((name) => name.toLowerCase() === wanted);
  return isNamed ? undefined : checkServerIdentity(serverName, certificate);
}

/** Node writes a name that holds a separator in quotes: cut there, it would be names that nobody signed. */
function alternativeNames(text: string): string[] {
  return (text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? []).map((name) => name.trim());
}

const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** What went wrong with a connection that we make, in words that say what to do; `cause` keeps the original. */
export function explainConnectionError(hop: Hop, cause: Error): Error {
  const code = 'code' in cause ? String(cause.code) : '';
  const kind = hop.transport.toUpperCase();
  const where = `${kind} to ${hostPort(hop)}`;
  const name = hop.tls?.serverName ?? hop.address;
  return new ConnectionError(`${where}: ${adviceFor(code, name, cause)}`, { code, cause });
}

function adviceFor(code: string, name: string, cause: Error): string {
  if (code === 'ECONNREFUSED') return 'refused, nothing listens there';
  if (code === 'CERT_HAS_EXPIRED') return "the far side's certificate has expired; its operator must renew it";
  if (code === 'CERT_NOT_YET_VALID')
    return "the far side's certificate is not valid yet; is this machine's clock right?";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `the far side's certificate is not for "${name}"; set the server name that it is for (${cause.message})`;
  }
  if (unknownAuthority.includes(code)) {
    return "the far side's certificate is signed by nobody we trust; set the CA certificate that it is signed with";
  }
  if (/alert.*certificate|certificate.*required/i.test(cause.message)) {
    return `the far side wants a client certificate, or another one; set certificate and key (${cause.message})`;
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'the far side does not speak TLS there; is it the right port?';
  return cause.message;
}

/** A connection that could not be made, or broke. */
export class ConnectionError extends Error {
  /** Of the system or of OpenSSL, e.g. `ECONNREFUSED`; '' when there was none. */
  readonly code: string;

  constructor(message: string, options: { readonly code: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'ConnectionError';
    this.code = options.code;
  }
}
