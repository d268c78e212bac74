import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/load-config.ts';
import { InfrastructureError, messageOf } from '../lib/errors.ts';
import type { SipEndpointOptions } from '../telephony/sip/create-sip-endpoint.ts';

/** Reads the certificate that the SIP port shows, null where there is none. Rejects, with the setting to correct, when it is no good. */
export async function readSipCertificate(
  sipTls: Config['sipTls'],
): Promise<NonNullable<SipEndpointOptions['tls']> | null> {
  if (sipTls === null) return null;
  const certificate = await read('CARILLON_SIP_TLS_CERT', sipTls.certificateFile);
  const privateKey = await read('CARILLON_SIP_TLS_KEY', sipTls.keyFile);
  try {
    createSecureContext({ cert: certificate, key: privateKey });
  } catch (cause) {
    const files = `CARILLON_SIP_TLS_CERT ${sipTls.certificateFile} and CARILLON_SIP_TLS_KEY ${sipTls.keyFile}`;
    throw unusable(`${files} cannot be used together: ${messageOf(cause)}`, cause);
  }
  return { port: sipTls.port, certificate: { certificate, privateKey } };
}

async function read(setting: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw unusable(`${setting} cannot be read: ${messageOf(cause)}`, cause);
  }
  // What is empty would count as not given.
  if (!text.includes('-----BEGIN ')) throw unusable(`${setting} ${file} is no PEM file`, null);
  return text;
}

function unusable(message: string, cause: unknown): InfrastructureError {
  return new InfrastructureError(message, { retryable: false, cause });
}
