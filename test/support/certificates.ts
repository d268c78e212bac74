import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, PEM. */
export type TestCertificate = { readonly certificate: string; readonly privateKey: string };

/** Somebody who signs certificates. */
export type TestAuthority = {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** `names`: as in a subjectAltName, e.g. `DNS:carrier.example`, `IP:127.0.0.1`. `days`: how long it holds; below 0 it has expired. */
  issue(names: readonly string[], days?: number): TestCertificate;
};

/** Makes an authority, with the openssl program: Node reads certificates but signs none. */
export function createTestAuthority(): TestAuthority {
  const own = inFolder((folder) => {
    openssl(folder, [
      'req',
      '-x509',
      ...newKey,
      '-out',
      'certificate.pem',
      '-days',
      '30',
      '-subj',
      '/CN=test authority',
    ]);
    return read(folder);
  });
  return {
    certificate: own.certificate,
    issue: (names, days = 30) =>
      inFolder((folder) => {
        writeFileSync(join(folder, 'ca.pem'), own.certificate);
        writeFileSync(join(folder, 'ca.key'), own.privateKey);
        writeFileSync(join(folder, 'extensions'), `subjectAltName=${names.join(',')}\n`);
        openssl(folder, ['req', ...newKey, '-out', 'request.pem', '-subj', '/CN=test']);
        const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)];
        const extensions = ['-extfile', 'extensions'];
        openssl(folder, ['x509', '-req', '-in', 'request.pem', ...signer, ...extensions, '-out', 'certificate.pem']);
        return read(folder);
      }),
  };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'private.key'];

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-certificates-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openssl(folder: string, args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  } catch (cause) {
    throw new Error('openssl did not do it; install it with: apt-get install -y openssl', { cause });
  }
}

function read(folder: string): TestCertificate {
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { certificate: textOf('certificate.pem'), privateKey: textOf('private.key') };
}
