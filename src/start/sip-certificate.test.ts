import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createTestAuthority } from '../../test/support/certificates.ts';
import { readSipCertificate } from './sip-certificate.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-sip-certificate-'));
  const authority = createTestAuthority();
  for (const name of ['own', 'other']) {
    const { certificate, privateKey } = authority.issue([`DNS:${name}.example`]);
    await writeFile(at(`${name}.pem`), certificate);
    await writeFile(at(`${name}.key`), privateKey);
  }
  await writeFile(at('empty.pem'), '');
});

after(() => rm(folder, { recursive: true, force: true }));

test('a certificate and its key are read', async () => {
  const tls = await readSipCertificate({ port: 5061, certificateFile: at('own.pem'), keyFile: at('own.key') });
  assert.equal(tls?.port, 5061);
  assert.match(tls?.certificate.certificate ?? '', /BEGIN CERTIFICATE/);
  assert.match(tls?.certificate.privateKey ?? '', /BEGIN PRIVATE KEY/);
  assert.equal(await readSipCertificate(null), null);
});

const bad: [what: string, certificate: string, key: string, message: RegExp][] = [
  ['a file that is not there', 'no.pem', 'own.key', /CARILLON_SIP_TLS_CERT cannot be read: ENOENT.*no\.pem/],
  ['a key that is not there', 'own.pem', 'no.key', /CARILLON_SIP_TLS_KEY cannot be read: ENOENT.*no\.key/],
  ['the key of another', 'own.pem', 'other.key', /cannot be used together: .*key values mismatch/],
  ['an empty file', 'empty.pem', 'own.key', /CARILLON_SIP_TLS_CERT .*empty\.pem is no PEM file/],
  ['a key for a certificate', 'own.key', 'own.key', /own\.key and .*cannot be used together/],
];
for (const [what, certificate, key, message] of bad) {
  test(`${what} stops the start, and the setting is named`, async () => {
    const reading = readSipCertificate({ port: 5061, certificateFile: at(certificate), keyFile: at(key) });
    await assert.rejects(reading, message);
  });
}
