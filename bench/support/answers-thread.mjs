// Serves fixed answers by path in a separate thread, so that serving does not block the measured event loop.
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const answer = workerData.answers[pathname];
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(answer ?? '{}');
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a thread, not of a window
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
