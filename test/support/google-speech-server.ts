import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a request of `text:synthesize` asked for; enumerations are numbers, as the client library sends them. */
export type SpokenRequest = {
  readonly input: { readonly text?: string; readonly ssml?: string };
  readonly voice: { readonly languageCode: string; readonly ssmlGender: number };
  readonly audioConfig: {
    readonly audioEncoding: number;
    readonly speakingRate: number;
    readonly sampleRateHertz: number;
  };
};

/** How the next requests are answered: an HTTP status with Google's words, or nothing at all. */
export type SpeechFault = { readonly status: number; readonly message: string } | 'silence';

export type GoogleSpeechServer = {
  /** The endpoint to name in the settings. */
  readonly endpoint: string;
  /** Those whose signature was right, in order. */
  readonly requests: readonly SpokenRequest[];
  /** The key file of a service account that this server knows. */
  readonly credentialsFile: string;
  fail(fault: SpeechFault | null): void;
  close(): Promise<void>;
};

/**
 * A server that speaks the REST protocol of Google Text-to-Speech v1 (`POST /v1/text:synthesize`): it checks the service account's signature (RFC 7515), and speaks
 * a tone of 1 kHz, 10 ms for each character.
 */
export async function startGoogleSpeechServer(folder: string): Promise<GoogleSpeechServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const email = 'speaker@project.iam.gserviceaccount.com';
  const credentialsFile = join(folder, 'google.json');
  const credentials = { type: 'service_account', project_id: 'project', client_email: email, private_key: privateKey };
  writeFileSync(credentialsFile, JSON.stringify(credentials), { mode: 0o600 });
  const requests: SpokenRequest[] = [];
  let fault: SpeechFault | null = null;
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (fault === 'silence') return;
    if (fault !== null) return refuse(response, fault.status, fault.message);
    if (request.method !== 'POST' || !request.url?.startsWith('/v1/text:synthesize'))
      return refuse(response, 404, 'Not Found');
    if (!isSigned(request, publicKey, email)) return refuse(response, 401, 'invalid authentication credentials');
    const spoken = JSON.parse(body) as SpokenRequest;
    requests.push(spoken);
    const text = spoken.input.text ?? spoken.input.ssml ?? '';
    if (Buffer.byteLength(text) > 5000) return refuse(response, 400, 'Input size limit exceeded for Text-to-Speech.');
    const audioContent = tone(text.length * 10, spoken.audioConfig.sampleRateHertz).toString('base64');
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ audioContent }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    credentialsFile,
    fail: (next) => {
      fault = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ error: { code: status, message } }));
}

/** Whether the bearer token is a JWT that the account signed. */
function isSigned(request: IncomingMessage, publicKey: string, email: string): boolean {
  const [header = '', payload = '', signature = ''] = (request.headers.authorization ?? '')
    .replace('Bearer ', '')
    .split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify('RSA-SHA256', signed, createPublicKey(publicKey), Buffer.from(signature, 'base64url'))) return false;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { iss: string; exp: number };
  return claims.iss === email && claims.exp > Date.now() / 1000;
}

/** A WAV of a tone of 1 kHz. */
function tone(durationMs: number, sampleRate: number): Buffer {
  const count = Math.round((durationMs * sampleRate) / 1000);
  const file = Buffer.alloc(44 + 2 * count);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * count, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(2 * sampleRate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(2 * count, 40);
  for (let index = 0; index < count; index += 1) {
    file.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 1000 * index) / sampleRate)), 44 + 2 * index);
  }
  return file;
}
