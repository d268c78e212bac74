import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';

/** The entry of a thread that takes POSTs, reads them and answers 200. Says its port, and after that how many it has had whenever it is asked. */
let posts = 0;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    posts += 1;
    response.end('ok');
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' ? address?.port : null);
});
parentPort?.on('message', () => parentPort?.postMessage(posts));
