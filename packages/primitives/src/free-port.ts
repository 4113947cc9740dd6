import { createServer } from 'node:net';

const loopback = '127.0.0.1';

// Systems give outgoing connections and listeners on port 0 a port of 32768 or more (Linux) or 49152 or more (others).
// A port below that stays free until a server asks for it by number.
const first = 20_000;
const last = 32_767;
const tries = 100;

/** Whether a server can listen on this port of the loopback interface now. */
export async function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host: loopback, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A port of the loopback interface that was free a moment ago, chosen at random so that processes that choose at the
 * same time rarely choose the same one. A caller that needs certainty must retry.
 *
 * @throws Error if none of a hundred was free
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (await canListen(port)) return port;
  }
  throw new Error(`None of ${tries} ports between ${first} and ${last} on ${loopback} can be opened`);
}
