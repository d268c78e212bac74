/**
 * Receives status reports, believes only those that are signed, and shows each.
 *
 *   PORT=8000 REPORT_SECRET=... node receive-reports.ts
 *
 * The secret is the app's. Needs `@carillon/client` and a Node that runs TypeScript: 24, or node_modules/.bin/node of this project.
 */
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { CarillonSignatureError, verifyReport } from '@carillon/client';

const port = Number(process.env.PORT ?? 8000);
const secret = process.env.REPORT_SECRET;
if (secret === undefined || secret === '') throw new Error('set REPORT_SECRET');

const server = createServer((request, response) => {
  const header = request.headers['carillon-signature'];
  // Any 2xx within ten seconds is delivered; anything else comes again later.
  receive(request, Array.isArray(header) ? header.join() : header).then(
    () => response.writeHead(200).end(),
    (error: unknown) => response.writeHead(error instanceof CarillonSignatureError ? 400 : 500).end(),
  );
});

/** The same report may come again: `voiceId` tells. */
async function receive(request: NodeJS.ReadableStream, header: string | undefined): Promise<void> {
  const reports = await verifyReport(await buffer(request), header, secret ?? '');
  for (const { voiceId, callee, callStatus } of reports) {
    process.stdout.write(`report ${voiceId} ${callee} callStatus ${callStatus}\n`);
  }
}

server.listen(port, '127.0.0.1', () => process.stdout.write(`listening on http://127.0.0.1:${port}/\n`));
