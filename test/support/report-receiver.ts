import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A POST as it arrived. */
export type ReceivedPost = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The reports in it, be it one or an array. */
  readonly reports: readonly ReceivedReport[];
};

export type ReceivedReport = Readonly<Record<string, unknown>> & { readonly voiceId: string };

/** What the receiver does with a POST that it has read: a status to answer with, or anything it likes. */
export type Behaviour = number | ((response: ServerResponse, post: ReceivedPost) => void);

/** An HTTP server that reports are sent to, and that writes down each. */
export interface ReportReceiver {
  readonly url: string;
  readonly port: number;
  /** All so far, in order of arrival. */
  readonly posts: readonly ReceivedPost[];
  /** Connections that were ever opened. */
  readonly connections: number;
  /** The voice ids of all reports, in order of arrival. */
  voiceIds(): string[];
  /** 200 until it is told otherwise. */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Listens on a loopback port; a free one unless one is given. */
export async function startReportReceiver(port = 0): Promise<ReportReceiver> {
  const posts: ReceivedPost[] = [];
  let behaviour: Behaviour = 200;
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const post = postOf(request, Buffer.concat(chunks).toString('utf8'));
      posts.push(post);
      if (typeof behaviour === 'function') behaviour(response, post);
      else response.writeHead(behaviour).end('ok');
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/reports`,
    port: bound,
    posts,
    get connections() {
      return connections;
    },
    voiceIds: () => posts.flatMap((post) => post.reports.map((report) => report.voiceId)),
    behave: (next) => {
      behaviour = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function postOf(request: IncomingMessage, body: string): ReceivedPost {
  const parsed: unknown = body === '' ? [] : JSON.parse(body);
  const reports = (Array.isArray(parsed) ? parsed : [parsed]) as ReceivedReport[];
  return { path: request.url ?? '', headers: request.headers, body, reports };
}

/** Whether a POST is signed as contract 15.11 says, computed as a receiver would. */
export function isSigned(post: ReceivedPost, secret: string): boolean {
  const header = String(post.headers['carillon-signature']);
  const [, t = '', v1 = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  return createHmac('sha256', secret).update(`${t}.${post.body}`).digest('hex') === v1;
}
