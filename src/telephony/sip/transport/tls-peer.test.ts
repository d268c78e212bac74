import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import type { Hop } from '../endpoint-types.ts';
import { systemTlsProfile } from './hop.ts';
import { checkPeerName, explainConnectionError } from './tls-peer.ts';

/** As much of a certificate as a name is looked for in. */
function certificateFor(subjectaltname: string | undefined, commonName = 'other.example'): PeerCertificate {
  const parts = { subject: { CN: commonName }, ...(subjectaltname !== undefined && { subjectaltname }) };
  return parts as unknown as PeerCertificate;
}

const names: [alternatives: string | undefined, serverName: string, isIts: boolean][] = [
  ['DNS:sip.example', 'sip.example', true],
  ['DNS:sip.example', 'SIP.EXAMPLE', true],
  ['DNS:sip.example', 'example', false],
  ['URI:sip:example, DNS:edge7.example', 'example', true],
  ['URI:sip:example.evil, DNS:evil', 'example', false],
  ['URI:sips:example', 'example', false],
  ['URI:"sip:evil, URI:sip:example, x", DNS:evil', 'example', false],
  ['DNS:*.carrier.example', 'sip.carrier.example', true],
  ['DNS:*.carrier.example', 'a.sip.carrier.example', false],
  ['IP Address:192.0.2.1', '192.0.2.1', true],
  ['DNS:192.0.2.1', '192.0.2.1', false],
  [undefined, 'other.example', true],
  ['DNS:sip.example', 'other.example', false],
];
for (const [alternatives, serverName, isIts] of names) {
  test(`a certificate for ${alternatives ?? 'a common name alone'} is ${isIts ? '' : 'not '}that of ${serverName}`, () => {
    assert.equal(checkPeerName(serverName, certificateFor(alternatives)) === undefined, isIts);
  });
}

const hop: Hop = {
  address: '2001:db8::1',
  port: 5061,
  transport: 'tls',
  tls: { serverName: 'sip.example', profile: systemTlsProfile },
};
const failures: [code: string, message: string, advice: RegExp][] = [
  ['ECONNREFUSED', 'connect ECONNREFUSED', /refused, nothing listens there/],
  ['CERT_HAS_EXPIRED', 'certificate has expired', /must renew it/],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid', /is this machine's clock right\?/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'altnames: DNS:x', /not for "sip\.example"; set the server name .*DNS:x/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable', /signed by nobody we trust; set the CA certificate/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'tlsv13 alert certificate required', /set certificate and key/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number', /is it the right port\?/],
  ['ETIMEDOUT', 'connect ETIMEDOUT', /connect ETIMEDOUT/],
];
for (const [code, message, advice] of failures) {
  test(`${code} says where, and what to do`, () => {
    const cause = Object.assign(new Error(message), { code });
    const error = explainConnectionError(hop, cause);
    assert.match(error.message, /^TLS to \[2001:db8::1\]:5061: /);
    assert.match(error.message, advice);
    assert.equal(error.cause, cause);
  });
}
