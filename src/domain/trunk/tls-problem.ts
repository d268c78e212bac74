import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Trunk } from './trunk.ts';

type TlsSettings = Pick<Trunk, 'tlsCaCertificates' | 'tlsCertificate' | 'tlsPrivateKey'>;

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const wanted = 'must be certificates as PEM text: -----BEGIN CERTIFICATE----- ...';

/** The field and what is wrong with it; null: certificates and key can be used. Whether they are still valid is for the handshake to say. */
export function tlsProblem(trunk: TlsSettings): readonly [field: keyof TlsSettings, rule: string] | null {
  const { tlsCaCertificates, tlsCertificate, tlsPrivateKey } = trunk;
  if (tlsCaCertificates !== null && readCertificates(tlsCaCertificates) === null) return ['tlsCaCertificates', wanted];
  const [own] = tlsCertificate === null ? [] : (readCertificates(tlsCertificate) ?? []);
  if (tlsCertificate !== null && own === undefined) return ['tlsCertificate', wanted];
  if (tlsPrivateKey === null) {
    return own === undefined ? null : ['tlsPrivateKey', 'is missing: a certificate of our own needs its private key'];
  }
  const key = readPrivateKey(tlsPrivateKey);
  if (typeof key === 'string') return ['tlsPrivateKey', key];
  if (own === undefined) return ['tlsCertificate', 'is missing: a private key needs its certificate'];
  if (own.checkPrivateKey(key)) return null;
  return ['tlsPrivateKey', 'does not fit tlsCertificate, whose first certificate must be our own'];
}

/** At least one certificate, in order; null: something in it cannot be read. */
function readCertificates(pem: string): X509Certificate[] | null {
  const blocks = pem.match(certificateBlock) ?? [];
  if (blocks.length === 0) return null;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    // Whatever OpenSSL says about it, it is no certificate.
    return null;
  }
}

/** The key, or what is wrong with it. */
function readPrivateKey(pem: string): KeyObject | string {
  if (/ENCRYPTED/.test(pem)) return 'must have no passphrase: decrypt it with `openssl pkey -in key.pem`';
  try {
    return createPrivateKey(pem);
  } catch {
    // OpenSSL's own words would say nothing to an operator.
    return 'must be a private key as PEM text: -----BEGIN PRIVATE KEY----- ...';
  }
}
