import { createServer, type Server } from 'node:http';
import { signatureHeader } from '../../webhook/signature.ts';

/** What a report says, as far as the demo looks. */
export type ReportFact = {
  readonly taskId: number;
  readonly number: string;
  readonly callStatus: number | null;
  /** It is signed with the secret that the customer knows. */
  readonly isSigned: boolean;
};

/** The customer's end of reports (contract 10.1, 15.11): a small HTTP server that believes what is signed. */
export class ReportReceiver {
  readonly url: string;
  /** Set once the customer knows it; what comes before is not believed. */
  secret: string | null = null;
  readonly reports: ReportFact[] = [];
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}/reports`;
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        this.#take(Buffer.concat(parts).toString(), String(request.headers['carillon-signature'] ?? ''));
        response.end();
      });
    });
  }

  /** Listens on loopback, on a port of the system's choice. */
  static start(): Promise<ReportReceiver> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(new ReportReceiver(server, typeof address === 'object' && address !== null ? address.port : 0));
      });
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #take(body: string, signature: string): void {
    const unixS = Number(/^t=(\d+),/.exec(signature)?.[1]);
    const isSigned = this.secret !== null && signature === signatureHeader(this.secret, body, unixS);
    const { taskId, callee, callStatus } = JSON.parse(body);
    this.reports.push({
      taskId: Number(taskId),
      number: String(callee),
      callStatus: typeof callStatus === 'number' ? callStatus : null,
      isSigned,
    });
  }
}
