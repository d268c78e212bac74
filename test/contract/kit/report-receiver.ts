import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Json } from '../../support/json.ts';

/** One push as it arrived. */
export type Push = {
  readonly method: string;
  readonly contentType: string;
  readonly signature: string;
  readonly body: string;
  /** The reports in it, one or several. */
  readonly reports: readonly Json[];
  readonly isBatch: boolean;
};

/** A customer's server that takes reports. */
export type ReportReceiver = {
  readonly port: number;
  readonly pushes: readonly Push[];
  /** HTTP statuses that the next pushes are answered with; 200 after that. */
  answerNext(...statuses: readonly number[]): void;
  close(): Promise<void>;
};

/** Listens on a free port of a host. */
export async function startReportReceiver(host: string): Promise<ReportReceiver> {
  const pushes: Push[] = [];
  const statuses: number[] = [];
  const server: Server = createServer((request, response) => {
    read(request).then((body) => {
      pushes.push(pushOf(request, body));
      response.writeHead(statuses.shift() ?? 200).end();
    }, response.destroy.bind(response));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    port: address.port,
    pushes,
    answerNext: (...next) => void statuses.push(...next),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function pushOf(request: IncomingMessage, body: string): Push {
  const json: Json = JSON.parse(body);
  return {
    method: request.method ?? '',
    contentType: request.headers['content-type'] ?? '',
    signature: String(request.headers['carillon-signature'] ?? ''),
    body,
    reports: Array.isArray(json) ? json : [json],
    isBatch: Array.isArray(json),
  };
}

/** What is wrong with the signature of a push (contract 15.11); null: nothing. */
export function signatureProblem(push: Push, secret: string): string | null {
  const match = /^t=(\d{10}),v1=([0-9a-f]{64})$/.exec(push.signature);
  if (match === null) return `the signature is ${push.signature}`;
  const [, time = '', given = ''] = match;
  if (Math.abs(Number(time) - Date.now() / 1000) > 60) return `it was signed at ${time}`;
  const expected = createHmac('sha256', secret).update(`${time}.${push.body}`).digest('hex');
  return given === expected ? null : `the signature is ${given}, and must be ${expected}`;
}
